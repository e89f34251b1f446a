"""A function is frozen once its request is answered: what it runs must have ended by then, or be in other hands."""

import asyncio

from services.chat.turns.runner import TurnRunner


class InvocationDeadline:
    """Of a request that has `seconds` to be answered; `hand_over_s` of them are for handing over."""

    def __init__(self, running: TurnRunner, seconds: float, *, hand_over_s: float) -> None:
        self._running = running
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + seconds - hand_over_s

    @property
    def seconds(self) -> float:
        """How long its stream may last."""
        return max(0.0, self._ends_at - self._loop.time())

    async def finish_or_hand_over(self) -> None:
        """Whatever became of the stream and of who listened to it."""
        await self._running.finish_or_hand_over(self.seconds)
