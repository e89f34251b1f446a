"""Caches a response of another service in memory, and serves it for a while when the service does not answer."""

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
"""For so long a response is served without a new request."""
STALE_S: Final = 3600.0
"""The greatest age of a response that is served when the service does not answer."""
_PAUSE_S: Final = 5.0
"""No new request for so long after a failure, so that not every caller waits for a service that is down."""


@dataclass(frozen=True)
class _CachedValue(Generic[T]):
    value: T
    fetched_at: float  # monotonic seconds


class CachedAnswer(Generic[T]):
    """One response for all callers of this process. `fetch` is called by one of them at a time."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._cached: _CachedValue[T] | None = None
        self._paused_until = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """The response. Raises ServiceUnavailableError when there is none, or only one that is older than an hour."""
        async with self._lock:
            if not self._is_younger_than(FRESH_S) and self._clock.monotonic() >= self._paused_until:
                await self._refresh()
        if self._cached is None or not self._is_younger_than(STALE_S):
            raise ServiceUnavailableError("no answer that is recent enough")
        return self._cached.value

    def _is_younger_than(self, seconds: float) -> bool:
        return self._cached is not None and self._clock.monotonic() - self._cached.fetched_at < seconds

    async def _refresh(self) -> None:
        try:
            value = await self._fetch()
        except ServiceUnavailableError as error:
            _log.warning("internal_call.failed", reason=str(error))
            self._paused_until = self._clock.monotonic() + _PAUSE_S
        else:
            self._cached = _CachedValue(value, self._clock.monotonic())
