"""The deadline of an HTTP request that a Lambda function answers.

Lambda freezes the function as soon as the request is answered. Work that the request has started must have finished by
then, or another process must take it over.
"""

import asyncio
from collections.abc import Awaitable, Callable


class InvocationDeadline:
    """The deadline of a request that must be answered within `seconds`.

    `hand_over_s` of them are reserved for handing over unfinished work. `finish_or_hand_over` is called with the
    seconds that are left for finishing it.
    """

    def __init__(
        self, finish_or_hand_over: Callable[[float], Awaitable[None]], seconds: float, *, hand_over_s: float
    ) -> None:
        self._finish_or_hand_over = finish_or_hand_over
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + seconds - hand_over_s

    @property
    def seconds(self) -> float:
        """How long the request's stream may still last."""
        return max(0.0, self._ends_at - self._loop.time())

    async def finish_or_hand_over(self) -> None:
        """Let the work finish, or hand it over; also when the client has disconnected."""
        await self._finish_or_hand_over(self.seconds)
