"""Ids have a prefix for their kind and sort by creation."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import epoch_millis
from shared.ids import Prefix, UlidIds, id_pattern
from tests.fakes.clock import FakeClock

PREFIXES = get_args(Prefix)


def matches(prefix: Prefix, text: str) -> bool:
    return re.fullmatch(id_pattern(prefix), text) is not None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_id_is_its_prefix_and_a_ulid(prefix: Prefix) -> None:
    created = UlidIds(FakeClock()).new(prefix)
    assert re.fullmatch(rf"{prefix}_[0-9A-HJKMNP-TV-Z]{{26}}", created)
    assert matches(prefix, created)
    assert re.search(id_pattern(prefix), created)


def test_an_id_is_of_one_kind_only() -> None:
    created = UlidIds(FakeClock()).new("msg")
    assert [prefix for prefix in PREFIXES if matches(prefix, created)] == ["msg"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "msg_",
        "01J00000000000000000000000",
        "msg_01J0000000000000000000000",
        "msg_01J000000000000000000000000",
        "msg_01j00000000000000000000000",
        "msg_01J0000000000000000000000U",
        "msg_81J00000000000000000000000",
        "msg-01J00000000000000000000000",
        " msg_01J00000000000000000000000",
        "msg_01J00000000000000000000000\n",
        "xmsg_01J00000000000000000000000",
    ],
)
def test_an_invalid_id_is_not_accepted(text: str) -> None:
    assert not matches("msg", text)


@given(st.lists(st.sampled_from([0.0, 0.0004, 0.001, 5.0, -0.001, -60.0]), max_size=40))
def test_ids_sort_by_creation_also_when_the_clock_steps_back(steps: list[float]) -> None:
    clock = FakeClock()
    ids = UlidIds(clock)
    created = [ids.new("evt")]
    for step in steps:
        clock.advance(step)
        created.append(ids.new("evt"))
    assert created == sorted(created)
    assert len(set(created)) == len(created)


def test_an_id_contains_the_time_of_its_creation() -> None:
    clock = FakeClock()
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    millis = 0
    for letter in UlidIds(clock).new("conv").removeprefix("conv_")[:10]:
        millis = millis * 32 + alphabet.index(letter)
    assert millis == epoch_millis(clock.now())


def test_ids_of_two_processes_in_one_millisecond_differ() -> None:
    clock = FakeClock()
    created = {UlidIds(clock).new("conv") for _ in range(500)}
    assert len(created) == 500
