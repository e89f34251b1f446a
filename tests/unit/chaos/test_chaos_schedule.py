"""Strikes are spread by the seed alone, and a run whose strikes fell badly says that it is invalid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.schedule import Spread, kill_times, last_kill, share


def test_the_same_seed_strikes_at_the_same_moments() -> None:
    assert kill_times(4, 100) == kill_times(4, 100)
    assert kill_times(4, 100) != kill_times(5, 100)


def test_a_shorter_run_strikes_where_the_longer_one_would() -> None:
    assert kill_times(4, 10) == kill_times(4, 100)[:10]


@given(st.integers())
def test_moments_are_uniform_between_first_byte_and_end(seed: int) -> None:
    chosen = kill_times(seed, 400)
    assert all(0 <= each < 1 for each in chosen)
    assert sum(chosen) / len(chosen) == pytest.approx(0.5, abs=0.1)


def test_a_share_counts_from_the_first_byte() -> None:
    assert share(at=103, first_byte=101, expected_s=4) == 0.5


@pytest.mark.parametrize(("inside", "valid"), [(80, True), (79, False)])
def test_fewer_than_eighty_of_a_hundred_inside_are_invalid(inside: int, valid: bool) -> None:
    fell = Spread.of([0.5] * inside + [0.01] * (100 - inside))
    assert (fell.inside, fell.is_valid) == (inside, valid)


def test_quartiles_are_told() -> None:
    assert Spread.of([place / 100 for place in range(101)]).quartiles == (0.245, 0.5, 0.755)


def test_one_strike_is_its_own_quartiles() -> None:
    assert Spread.of([0.3]).quartiles == (0.3, 0.3, 0.3)


def test_a_turn_of_one_attempt_was_not_hit() -> None:
    assert last_kill([10.0], [9.0]) is None


def test_the_kill_between_two_attempts_is_the_blow() -> None:
    assert last_kill([5.0, 12.0, 30.0], [10.0, 22.0]) == 12.0


def test_of_several_possible_kills_the_first_counts() -> None:
    assert last_kill([12.0, 14.0], [10.0, 22.0]) == 12.0


def test_a_turn_hit_twice_is_measured_from_the_second_blow() -> None:
    assert last_kill([12.0, 25.0, 60.0], [10.0, 22.0, 35.0]) == 25.0
