"""How long to hold back after trouble: exponential, capped, jittered so that many do not come back together."""

import random

from shared.clock import Clock


def jittered_backoff_s(attempt: int, *, base_s: float, cap_s: float) -> float:
    """Seconds to wait before trying again after the `attempt`-th failure (from 1): half fixed, half chance."""
    whole: float = min(cap_s, base_s * 2.0 ** min(attempt - 1, 32))
    return whole * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


class CircuitPause:
    """One worker's brake: each trouble doubles the pause, work that goes well again releases it."""

    def __init__(self, clock: Clock, *, base_s: float = 1.0, cap_s: float = 30.0) -> None:
        self._clock = clock
        self._base_s = base_s
        self._cap_s = cap_s
        self._failures = 0
        self._until = 0.0

    def record_failure(self) -> None:
        if self.pause_s() > 0:
            return  # many tasks meet the same trouble; it counts once
        self._failures += 1
        self._until = self._clock.monotonic() + jittered_backoff_s(
            self._failures, base_s=self._base_s, cap_s=self._cap_s
        )

    def record_success(self) -> None:
        if self.pause_s() == 0:  # success during a pause began before the trouble
            self._failures = 0

    def is_recovering(self) -> bool:
        """Nothing has gone well since the last trouble."""
        return self._failures > 0

    def pause_s(self) -> float:
        return max(0.0, self._until - self._clock.monotonic())


class KeyedBackoff:
    """A pause of its own for each thing that fails, so that it holds up nothing else. Remembers at most `limit`."""

    def __init__(self, clock: Clock, *, base_s: float = 2.0, cap_s: float = 60.0, limit: int = 10_000) -> None:
        self._clock = clock
        self._base_s = base_s
        self._cap_s = cap_s
        self._limit = limit
        self._held: dict[str, tuple[int, float]] = {}

    def is_due(self, name: str) -> bool:
        return name not in self._held or self._held[name][1] <= self._clock.monotonic()

    def record_failure(self, name: str) -> None:
        failures = self._held.pop(name, (0, 0.0))[0] + 1
        while len(self._held) >= self._limit:
            del self._held[next(iter(self._held))]  # the longest known; it is merely tried sooner
        pause = jittered_backoff_s(failures, base_s=self._base_s, cap_s=self._cap_s)
        self._held[name] = (failures, self._clock.monotonic() + pause)

    def clear(self, name: str) -> None:
        self._held.pop(name, None)
