"""How many turns speak at the moment: seen from the last half second or two, never from longer ago."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.tables.flush_interval import StreamingTurns, flush_interval_s


def crowd_of(number: int, now: float) -> StreamingTurns:
    crowd = StreamingTurns()
    for each in range(number):
        crowd.record(f"turn_{each}", now)
    return crowd


def test_a_turn_that_speaks_twice_is_one() -> None:
    crowd = crowd_of(3, 100.0)
    crowd.record("turn_0", 100.1)
    assert crowd.count(100.1) == 3


def test_who_spoke_in_the_spell_before_still_counts() -> None:
    """Else the crowd would be nobody at the start of every spell, and the next flush an empty one."""
    crowd = crowd_of(12, 100.0)
    crowd.record("turn_0", 100.6)
    assert crowd.count(100.6) == 12


def test_who_has_not_spoken_for_two_spells_is_gone() -> None:
    crowd = crowd_of(12, 100.0)
    crowd.record("turn_0", 101.6)
    assert crowd.count(101.6) == 1
    assert crowd.count(200.0) == 0


@pytest.mark.parametrize(("turns", "pause_ms"), [(0, 0), (1, 0), (10, 0), (11, 10), (20, 10), (50, 25), (200, 50)])
def test_few_turns_wait_for_nobody_and_many_at_most_a_twentieth_of_a_second(turns: int, pause_ms: float) -> None:
    assert flush_interval_s(turns) * 1000 == pytest.approx(pause_ms)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_larger_crowd_never_waits_less(one: int, other: int) -> None:
    assert flush_interval_s(min(one, other)) <= flush_interval_s(max(one, other)) <= 0.05
