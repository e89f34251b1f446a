"""The report at the end of a run, and its statistics."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.trials.case import Case
from tests.trials.record import Result

_MOST_COMPLAINTS = 10


def report(suite: str, results: Mapping[Case[Any], Result]) -> str:
    """One block per case: verdict, rule, figures, and the first complaints."""
    lines = ["", f"{'case':<14}{'verdict':<9}{'took':>7}   rule"]
    for case, result in results.items():
        lines.append(
            f"{case.name:<14}{'passed' if result.passed else 'FAILED':<9}{result.took_s:>5.0f} s   {case.rule}"
        )
        lines += [f"{'':<16}{name}: {value}" for name, value in result.figures.items()]
        lines += [f"{'':<16}! {complaint}" for complaint in result.complaints[:_MOST_COMPLAINTS]]
        if len(result.complaints) > _MOST_COMPLAINTS:
            lines.append(f"{'':<16}! and {len(result.complaints) - _MOST_COMPLAINTS} more, see its result.json")
    passed = sum(result.passed for result in results.values())
    return "\n".join([*lines, f"{suite}: {passed} of {len(results)} cases passed"])


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the two nearest, as spreadsheets do; `share` from 0 to 1. 0 when there are no values."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def spread(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """p50, p95 and the largest."""
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {name: round(percentile(values, share), digits) for name, share in shares.items()}
