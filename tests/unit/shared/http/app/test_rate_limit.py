"""Token buckets: a burst, then a steady rate, for each principal alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.app.rate_limit import TokenBuckets
from tests.fakes.clock import FakeClock

RATE = 5.0
BURST = 10


def buckets(clock: FakeClock, capacity: int = 100) -> TokenBuckets:
    return TokenBuckets(rate=RATE, burst=BURST, capacity=capacity, clock=clock)


def test_a_burst_is_let_through_and_the_next_one_told_when_to_come() -> None:
    counted = buckets(FakeClock())
    assert [counted.take("one") for _ in range(BURST)] == [0.0] * BURST
    assert counted.take("one") == pytest.approx(1 / RATE)


def test_one_principal_takes_nothing_from_another() -> None:
    counted = buckets(FakeClock())
    for _ in range(BURST * 2):
        counted.take("greedy")
    assert counted.take("modest") == 0.0


def test_asking_in_vain_costs_nothing() -> None:
    clock = FakeClock()
    counted = buckets(clock)
    for _ in range(BURST * 50):
        counted.take("one")
    clock.advance(1 / RATE)
    assert counted.take("one") == 0.0


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=150))
def test_nobody_ever_gets_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    """For any moments of asking, each span of time holds at most burst + rate x span, and never less than it could."""
    clock = FakeClock()
    counted = buckets(clock)
    granted: list[float] = []
    for pause in pauses:
        clock.advance(pause)
        wait = counted.take("one")
        if wait == 0:
            granted.append(clock.monotonic())
        else:
            assert 0 < wait <= 1 / RATE + 1e-9
    for first, start in enumerate(granted):
        for count, end in enumerate(granted[first:], start=1):
            assert count <= BURST + RATE * (end - start) + 1e-6


@given(st.lists(st.floats(min_value=0, max_value=0.3), min_size=1, max_size=60))
def test_who_waits_as_told_is_let_in(pauses: list[float]) -> None:
    clock = FakeClock()
    counted = buckets(clock)
    for pause in pauses:
        clock.advance(pause)
        wait = counted.take("one")
        if wait:
            clock.advance(wait + 1e-9)
            assert counted.take("one") == 0.0


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=200))
def test_memory_is_bounded_and_keeps_who_came_last(subjects: list[int]) -> None:
    counted = buckets(FakeClock(), capacity=5)
    for subject in subjects:
        counted.take(str(subject))
    assert len(counted) <= 5
    assert set(counted._buckets) == set(map(str, list(dict.fromkeys(reversed(subjects)))[:5]))
