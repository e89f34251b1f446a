"""The clock: the system's time, conversion to epoch numbers, and waits that a stop event ends."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SystemClock, epoch_millis, epoch_seconds, from_epoch_millis, unless_stopped

MOMENT = datetime(2026, 11, 23, 12, 0, 0, 123_000, UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def test_a_time_is_converted_to_epoch_seconds_and_milliseconds() -> None:
    assert epoch_seconds(MOMENT) == 1_795_435_200
    assert epoch_millis(MOMENT) == 1_795_435_200_123


def test_epoch_milliseconds_do_not_depend_on_the_zone() -> None:
    assert epoch_millis(MOMENT.astimezone(timezone(timedelta(hours=9)))) == epoch_millis(MOMENT)


@given(st.integers(0, 7_000_000_000_000))
def test_epoch_milliseconds_are_converted_and_back_unchanged(millis: int) -> None:
    moment = from_epoch_millis(millis)
    assert epoch_millis(moment) == millis
    assert moment.tzinfo == UTC


@given(MOMENTS, MOMENTS)
def test_epoch_milliseconds_sort_like_times(first: datetime, second: datetime) -> None:
    assert first > second or epoch_millis(first) <= epoch_millis(second)


def test_the_system_clock_is_in_utc_and_monotonic() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo == UTC
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize("seconds", [0, 0.001])
async def test_the_system_clock_sleeps_at_least_as_long_as_requested(seconds: float) -> None:
    clock, loop = SystemClock(), asyncio.get_running_loop()
    before = loop.time()
    await clock.sleep(seconds)
    assert loop.time() - before >= seconds * 0.9


async def test_work_that_ends_before_stop_returns_its_result() -> None:
    assert await unless_stopped(asyncio.Event(), asyncio.sleep(0, "done")) == "done"


async def test_work_that_does_not_end_is_cancelled_when_stop_is_set() -> None:
    stop = asyncio.Event()
    seen: list[str] = []

    async def forever() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            seen.append("cleaned up")

    assert await unless_stopped(stop, forever()) is None
    assert seen == ["cleaned up"]


async def test_an_error_of_the_work_is_raised() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await unless_stopped(asyncio.Event(), fail())


async def test_a_cancelled_wait_leaves_no_task_behind() -> None:
    waiting = asyncio.create_task(unless_stopped(asyncio.Event(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}
