"""The difference of two medians with its confidence interval."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.trials.report import percentile

_RESAMPLED = 1000


@dataclass(frozen=True)
class Difference:
    """Of two medians, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


def difference_of_medians(first: Sequence[float], second: Sequence[float], seed: int) -> Difference:
    """`first` minus `second`, by bootstrap: both are drawn again, with replacement, a thousand times."""
    dice = random.Random(seed)
    drawn = [
        median(dice.choices(first, k=len(first))) - median(dice.choices(second, k=len(second)))
        for _ in range(_RESAMPLED)
    ]
    return Difference(median(first) - median(second), percentile(drawn, 0.025), percentile(drawn, 0.975))
