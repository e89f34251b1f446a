"""The times of the kills, and a check that they fell inside the answers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

VALID_SHARE = 0.8
EARLY, LATE = 0.05, 0.95


def kill_times(seed: int, count: int) -> list[float]:
    """Shares of an answer's expected length at which to kill, uniform between its first byte and its expected end."""
    chosen = random.Random(seed)
    return [chosen.random() for _ in range(count)]


def share(at: float, first_byte: float, expected_s: float) -> float:
    """Where between first byte (0) and expected end (1) a strike fell; all in seconds."""
    return (at - first_byte) / expected_s


@dataclass(frozen=True)
class Spread:
    """Quartiles of the strikes' places, and how many fell well inside an answer."""

    count: int
    quartiles: tuple[float, float, float]
    inside: int

    @property
    def is_valid(self) -> bool:
        return self.inside >= VALID_SHARE * self.count

    @classmethod
    def of(cls, shares: Sequence[float]) -> "Spread":
        q1, q2, q3 = quantiles(shares, n=4) if len(shares) > 1 else (shares[0],) * 3
        inside = sum(EARLY <= each <= LATE for each in shares)
        return cls(len(shares), (round(q1, 3), round(q2, 3), round(q3, 3)), inside)


def last_kill(kills: Sequence[float], begun: Sequence[float]) -> float | None:
    """The kill that ended the attempt before the last one; None when there was only one attempt.

    `begun`: when the reader saw each attempt begin. Which process ran an attempt is not known, so of all kills after
    an attempt's beginning the first one counts: that makes a turn look slower, never faster.
    """
    if len(begun) < 2:
        return None
    before = begun[-2]
    return min((at for at in kills if at >= before), default=None)
