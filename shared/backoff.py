"""Pauses after failures: exponential, capped, and jittered so that many clients do not retry at the same time."""

import random

from shared.clock import Clock


def jittered_backoff_s(attempt: int, *, base_s: float, cap_s: float) -> float:
    """Seconds to wait after the `attempt`-th failure (from 1): half of it fixed, half of it random."""
    whole: float = min(cap_s, base_s * 2.0 ** min(attempt - 1, 32))
    return whole * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects no secret


class CircuitPause:
    """A circuit breaker of one worker: each failure doubles the pause, a success after the pause resets it."""

    def __init__(self, clock: Clock, *, base_s: float = 1.0, cap_s: float = 30.0) -> None:
        self._clock = clock
        self._base_s = base_s
        self._cap_s = cap_s
        self._failures = 0
        self._until = 0.0

    def record_failure(self) -> None:
        if self.pause_s() > 0:
            return  # many tasks meet the same outage; it counts once
        self._failures += 1
        self._until = self._clock.monotonic() + jittered_backoff_s(
            self._failures, base_s=self._base_s, cap_s=self._cap_s
        )

    def record_success(self) -> None:
        if self.pause_s() == 0:  # a success during the pause belongs to work from before the failure
            self._failures = 0

    def is_recovering(self) -> bool:
        """Whether nothing has succeeded since the last failure."""
        return self._failures > 0

    def pause_s(self) -> float:
        """Seconds until the pause is over; 0 when there is none."""
        return max(0.0, self._until - self._clock.monotonic())


class KeyedBackoff:
    """A pause for each key that fails, so that it delays no other key. Remembers at most `limit` keys."""

    def __init__(self, clock: Clock, *, base_s: float = 2.0, cap_s: float = 60.0, limit: int = 10_000) -> None:
        self._clock = clock
        self._base_s = base_s
        self._cap_s = cap_s
        self._limit = limit
        self._failing: dict[str, tuple[int, float]] = {}

    def is_due(self, key: str) -> bool:
        return key not in self._failing or self._failing[key][1] <= self._clock.monotonic()

    def record_failure(self, key: str) -> None:
        failures = self._failing.pop(key, (0, 0.0))[0] + 1
        while len(self._failing) >= self._limit:
            del self._failing[next(iter(self._failing))]  # the oldest; it is only retried sooner
        pause = jittered_backoff_s(failures, base_s=self._base_s, cap_s=self._cap_s)
        self._failing[key] = (failures, self._clock.monotonic() + pause)

    def clear(self, key: str) -> None:
        self._failing.pop(key, None)
