"""The deadline of a Lambda invocation: a function is frozen once its request is answered.

What it runs must have finished by then, or be handed over to another process.
"""

import asyncio
from collections.abc import Awaitable, Callable


class InvocationDeadline:
    """Of a request that has `seconds` to be answered; `hand_over_s` of them are kept for handing over.

    `finish_or_hand_over` gets the seconds that are left.
    """

    def __init__(
        self, finish_or_hand_over: Callable[[float], Awaitable[None]], seconds: float, *, hand_over_s: float
    ) -> None:
        self._finish_or_hand_over = finish_or_hand_over
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + seconds - hand_over_s

    @property
    def seconds(self) -> float:
        """How long its stream may last."""
        return max(0.0, self._ends_at - self._loop.time())

    async def finish_or_hand_over(self) -> None:
        """Let what runs finish, or hand it over, also when the client has left."""
        await self._finish_or_hand_over(self.seconds)
