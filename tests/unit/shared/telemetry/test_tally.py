"""Tallies: frequent events are reported together."""

import io
import json
from typing import Any

import pytest

from shared.telemetry import Metrics, Tally
from shared.telemetry.tally import FLUSH_INTERVAL_S
from tests.fakes.clock import FakeClock


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.out = io.StringIO()
        self.tally = Tally(Metrics("chat", self.clock, self.out), self.clock, queue="turns")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def world() -> World:
    return World()


def test_counts_of_ten_seconds_are_reported_in_one_line(world: World) -> None:
    for _ in range(100):
        world.tally.count("Received")
        world.tally.flush()
    assert world.lines() == []
    world.clock.advance(FLUSH_INTERVAL_S)
    world.tally.flush()
    (line,) = world.lines()
    assert (line["Received"], line["queue"], line["service"]) == (100, "turns", "chat")
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "Received", "Unit": "Count"}]


def test_the_highest_age_is_reported(world: World) -> None:
    for age in (3, 900, 20):
        world.tally.record_max("Age", age)
    world.tally.flush(now=True)
    (line,) = world.lines()
    assert line["Age"] == 900
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "Age", "Unit": "Milliseconds"}]


def test_without_events_no_line_is_written_and_no_event_is_reported_twice(world: World) -> None:
    world.tally.count("Received", 0)
    world.tally.flush(now=True)
    world.tally.count("Received")
    world.tally.flush(now=True)
    world.tally.flush(now=True)
    assert len(world.lines()) == 1


def test_without_metrics_nothing_is_written() -> None:
    tally = Tally(None, FakeClock())
    tally.count("Received")
    tally.flush(now=True)
