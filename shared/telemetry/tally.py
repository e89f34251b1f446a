"""Metrics of frequent events, collected in memory and written together on one line every ten seconds."""

from typing import Final

from shared.clock import Clock
from shared.telemetry.metrics import Metrics, Unit

FLUSH_INTERVAL_S: Final = 10.0


class Tally:
    """Without `metrics` nothing is written. Values since the last line are lost when the process dies."""

    def __init__(self, metrics: Metrics | None, clock: Clock, **dimensions: str) -> None:
        self._metrics = metrics
        self._clock = clock
        self._dimensions = dimensions
        self._values: dict[str, tuple[float, Unit]] = {}
        self._flushed_at = clock.monotonic()

    def count(self, name: str, times: int = 1) -> None:
        """Add `times` to a counter. Zero counts are not reported."""
        if times:
            self._values[name] = (self._values.get(name, (0, "Count"))[0] + times, "Count")

    def record_max(self, name: str, value: float, unit: Unit = "Milliseconds") -> None:
        """Report the highest of the values since the last line."""
        self._values[name] = (max(value, self._values.get(name, (value, unit))[0]), unit)

    def flush(self, *, now: bool = False) -> None:
        """Write the line if ten seconds have passed, or `now`. Without values no line is written."""
        if not now and self._clock.monotonic() - self._flushed_at < FLUSH_INTERVAL_S:
            return
        if self._values and self._metrics:
            self._metrics.put_together(self._values, **self._dimensions)
        self._values = {}
        self._flushed_at = self._clock.monotonic()
