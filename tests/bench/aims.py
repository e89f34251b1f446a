"""An aim: a measured figure and its upper limit. A missed aim is a complaint."""

from dataclasses import dataclass
from typing import Any

from tests.bench.plan import StreamResult
from tests.trials.record import Result


@dataclass(frozen=True)
class Aim:
    name: str
    measured: float
    most: float
    unit: str = "ms"

    @property
    def met(self) -> bool:
        return self.measured <= self.most

    def __str__(self) -> str:
        return f"{self.measured:.3g} {self.unit} (aim <= {self.most:g})"


def evaluate(aims: list[Aim], more: dict[str, Any], results: list[StreamResult]) -> Result:
    """Passed when every aim is met, no stream broke, and every turn's log equals its message."""
    complaints = [f"{aim.name}: {aim}" for aim in aims if not aim.met]
    complaints += [f"{each.side} {each.turn_id or ''}: {each.problem}" for each in results if not each.is_complete]
    turns = [each for each in results if each.side == "chat"]
    complaints += [
        f"{each.turn_id}: the log is not what was streamed and stored" for each in turns if not each.is_consistent
    ]
    figures: dict[str, Any] = {aim.name: str(aim) for aim in aims} | more
    if turns:
        figures["logs equal to their messages"] = f"{sum(bool(each.is_consistent) for each in turns)} of {len(turns)}"
    return Result(not complaints, figures, complaints)
