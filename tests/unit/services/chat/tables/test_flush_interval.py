"""Streaming turns are counted over the last half second to second; many of them make the flush interval longer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.tables.flush_interval import StreamingTurns, flush_interval_s


def streaming(number: int, now: float) -> StreamingTurns:
    turns = StreamingTurns()
    for each in range(number):
        turns.record(f"turn_{each}", now)
    return turns


def test_a_turn_that_writes_twice_counts_once() -> None:
    turns = streaming(3, 100.0)
    turns.record("turn_0", 100.1)
    assert turns.count(100.1) == 3


def test_turns_of_the_previous_window_still_count() -> None:
    """Otherwise the count would drop to zero when a window begins, and the next flush would send a single put."""
    turns = streaming(12, 100.0)
    turns.record("turn_0", 100.6)
    assert turns.count(100.6) == 12


def test_turns_that_wrote_nothing_for_two_windows_do_not_count() -> None:
    turns = streaming(12, 100.0)
    turns.record("turn_0", 101.6)
    assert turns.count(101.6) == 1
    assert turns.count(200.0) == 0


@pytest.mark.parametrize(("turns", "pause_ms"), [(0, 0), (1, 0), (10, 0), (11, 10), (20, 10), (50, 25), (200, 50)])
def test_few_turns_do_not_wait_and_many_wait_at_most_50_ms(turns: int, pause_ms: float) -> None:
    assert flush_interval_s(turns) * 1000 == pytest.approx(pause_ms)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_more_turns_never_wait_less(one: int, other: int) -> None:
    assert flush_interval_s(min(one, other)) <= flush_interval_s(max(one, other)) <= 0.05
