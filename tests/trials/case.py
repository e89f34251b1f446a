"""A case: an action on the system, and the rule by which it passes."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tests.trials.record import Record, Result
from tests.trials.settings import TrialSettings

Settings = TypeVar("Settings", bound=TrialSettings)


@dataclass
class CaseContext(Generic[Settings]):
    """The context of a running case: its record, settings, seeded random numbers and progress output."""

    name: str
    record: Record
    settings: Settings

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.settings.seed}/{self.name}")
        self._began = time.monotonic()

    def say(self, text: str, **figures: Any) -> None:
        more = " ".join(f"{name}={value}" for name, value in figures.items())
        print(f"  [{time.monotonic() - self._began:6.1f} s] {self.name}: {text} {more}".rstrip(), flush=True)


@dataclass(frozen=True)
class Case(Generic[Settings]):
    """`rule`: what must hold, for the table. `estimate_s`: seconds of a full run on two cores."""

    name: str
    rule: str
    estimate_s: Callable[[Settings], float]
    run: Callable[[CaseContext[Settings]], Awaitable[Result]]
