"""An answer of another service, kept in memory: asked for seldom, and still there for a while when nobody answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from shared.clock import Clock
from shared.internal_client.client import ServiceUnavailableError

_log: Final = structlog.get_logger()
T = TypeVar("T")

FRESH_S: Final = 60.0
"""For so long an answer is taken as it is."""
STALE_S: Final = 3600.0
"""So old may an answer be when the service does not answer."""
_PAUSE_S: Final = 5.0
"""After a failure nobody asks for so long: not every request shall wait for a service that is down."""


@dataclass(frozen=True)
class _Answer(Generic[T]):
    value: T
    since: float


class CachedAnswer(Generic[T]):
    """One answer for all callers of this process; `ask` is called by one of them at a time."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._answer: _Answer[T] | None = None
        self._ask_again_at = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """Raises ServiceUnavailableError when there is no answer, or only one that is older than an hour."""
        async with self._lock:
            if not self._is_younger_than(FRESH_S) and self._clock.monotonic() >= self._ask_again_at:
                await self._refresh()
        if self._answer is None or not self._is_younger_than(STALE_S):
            raise ServiceUnavailableError("no answer that is recent enough")
        return self._answer.value

    def _is_younger_than(self, seconds: float) -> bool:
        return self._answer is not None and self._clock.monotonic() - self._answer.since < seconds

    async def _refresh(self) -> None:
        try:
            value = await self._ask()
        except ServiceUnavailableError as error:
            _log.warning("internal_call.failed", reason=str(error))
            self._ask_again_at = self._clock.monotonic() + _PAUSE_S
        else:
            self._answer = _Answer(value, self._clock.monotonic())
