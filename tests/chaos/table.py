"""The cases, in the order in which they run."""

from typing import Final

from tests.chaos.cases import bus, kills, ledger, models, others, poison, replay, sigterm, store, tabs, zombies
from tests.trials.case import Case

CASES: Final[tuple[Case, ...]] = (
    kills.CASE,
    ledger.CASE,
    others.CASE,
    sigterm.CASE,
    zombies.CASE,
    replay.CASE,
    poison.CASE,
    bus.CASE,
    store.CASE,
    models.CASE,
    tabs.CASE,
)
