"""Adaptive flush interval: the more turns stream in this process, the longer each waits for its next batched write."""

from typing import Final

_WINDOW_S: Final = 0.5
_TURNS_WITHOUT_WAIT: Final = 10
_MIN_INTERVAL_S: Final = 0.01
_MAX_INTERVAL_S: Final = 0.05
_INTERVAL_PER_TURN_S: Final = 0.0005


class StreamingTurns:
    """Counts the turns that wrote in the current window of half a second or in the one before.

    The count includes the window before, so that it does not drop to zero when a window begins. Times are the event
    loop's, in seconds.
    """

    def __init__(self) -> None:
        self._window_start = 0.0
        self._current: set[str] = set()
        self._previous: set[str] = set()

    def record(self, turn_id: str, now: float) -> None:
        """Record that the turn writes."""
        self._advance(now)
        self._current.add(turn_id)

    def count(self, now: float) -> int:
        """Return the larger count of the two windows."""
        self._advance(now)
        return max(len(self._current), len(self._previous))

    def _advance(self, now: float) -> None:
        windows = int((now - self._window_start) / _WINDOW_S)
        if windows:
            self._previous = self._current if windows == 1 else set()
            self._current = set()
            self._window_start = now


def flush_interval_s(turns: int) -> float:
    """Return the shortest time in seconds from the start of one flush to the start of the next.

    Few turns need no interval; with many, each flush should carry more puts.
    """
    if turns <= _TURNS_WITHOUT_WAIT:
        return 0.0
    return min(max(turns * _INTERVAL_PER_TURN_S, _MIN_INTERVAL_S), _MAX_INTERVAL_S)
