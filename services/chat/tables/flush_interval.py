"""How many turns speak in this process at the moment, and how much more slowly each is heard for it."""

from typing import Final

_SPELL_S: Final = 0.5
_FEW: Final = 10
_SHORTEST_S: Final = 0.01
_LONGEST_S: Final = 0.05
_PER_TURN_S: Final = 0.0005


class StreamingTurns:
    """Turns that spoke in this spell of half a second or in the one before. Times are the event loop's."""

    def __init__(self) -> None:
        self._began = 0.0
        self._now: set[str] = set()
        self._before: set[str] = set()

    def record(self, turn_id: str, now: float) -> None:
        self._go_on(now)
        self._now.add(turn_id)

    def count(self, now: float) -> int:
        self._go_on(now)
        return max(len(self._now), len(self._before))

    def _go_on(self, now: float) -> None:
        spells = int((now - self._began) / _SPELL_S)
        if spells:
            self._before = self._now if spells == 1 else set()
            self._now = set()
            self._began = now


def flush_interval_s(turns: int) -> float:
    """From the start of a flush to the start of the next. Few turns need none; many gain by each being fuller."""
    if turns <= _FEW:
        return 0.0
    return min(max(turns * _PER_TURN_S, _SHORTEST_S), _LONGEST_S)
