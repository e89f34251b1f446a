"""Token buckets: a burst, then a steady rate, for each principal separately."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.app.rate_limit import TokenBuckets
from tests.fakes.clock import FakeClock

RATE = 5.0
BURST = 10


def buckets(clock: FakeClock, capacity: int = 100) -> TokenBuckets:
    return TokenBuckets(rate=RATE, burst=BURST, capacity=capacity, clock=clock)


def test_after_a_burst_the_next_request_gets_its_waiting_time() -> None:
    limits = buckets(FakeClock())
    assert [limits.take("one") for _ in range(BURST)] == [0.0] * BURST
    assert limits.take("one") == pytest.approx(1 / RATE)


def test_principals_do_not_share_tokens() -> None:
    limits = buckets(FakeClock())
    for _ in range(BURST * 2):
        limits.take("first")
    assert limits.take("second") == 0.0


def test_refused_requests_take_no_tokens() -> None:
    clock = FakeClock()
    limits = buckets(clock)
    for _ in range(BURST * 50):
        limits.take("one")
    clock.advance(1 / RATE)
    assert limits.take("one") == 0.0


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=150))
def test_no_interval_has_more_grants_than_burst_and_rate_allow(pauses: list[float]) -> None:
    """For any request times, each interval has at most burst + rate x interval grants."""
    clock = FakeClock()
    limits = buckets(clock)
    granted: list[float] = []
    for pause in pauses:
        clock.advance(pause)
        wait = limits.take("one")
        if wait == 0:
            granted.append(clock.monotonic())
        else:
            assert 0 < wait <= 1 / RATE + 1e-9
    for first, start in enumerate(granted):
        for count, end in enumerate(granted[first:], start=1):
            assert count <= BURST + RATE * (end - start) + 1e-6


@given(st.lists(st.floats(min_value=0, max_value=0.3), min_size=1, max_size=60))
def test_a_request_after_the_waiting_time_is_granted(pauses: list[float]) -> None:
    clock = FakeClock()
    limits = buckets(clock)
    for pause in pauses:
        clock.advance(pause)
        wait = limits.take("one")
        if wait:
            clock.advance(wait + 1e-9)
            assert limits.take("one") == 0.0


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=200))
def test_only_the_buckets_of_the_latest_principals_are_kept(subjects: list[int]) -> None:
    limits = buckets(FakeClock(), capacity=5)
    for subject in subjects:
        limits.take(str(subject))
    assert len(limits) <= 5
    assert set(limits._buckets) == set(map(str, list(dict.fromkeys(reversed(subjects)))[:5]))
