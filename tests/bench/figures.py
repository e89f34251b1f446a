"""The difference of two medians with its confidence interval."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.trials.report import percentile

_RESAMPLES = 1000


@dataclass(frozen=True)
class Difference:
    """The difference of two medians, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


def difference_of_medians(first: Sequence[float], second: Sequence[float], seed: int) -> Difference:
    """Median of `first` minus that of `second`; the interval is from a thousand bootstrap resamples of both."""
    generator = random.Random(seed)
    differences = [
        median(generator.choices(first, k=len(first))) - median(generator.choices(second, k=len(second)))
        for _ in range(_RESAMPLES)
    ]
    return Difference(median(first) - median(second), percentile(differences, 0.025), percentile(differences, 0.975))
