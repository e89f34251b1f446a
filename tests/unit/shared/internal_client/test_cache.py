"""CachedAnswer: requested once a minute, and used for an hour while the service is down."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.internal_client import CachedAnswer, NotDeployedError, ServiceUnavailableError
from shared.internal_client.cache import FRESH_S, STALE_S
from tests.fakes.clock import FakeClock

PAUSE_S = 5


class FakeSource:
    """Returns the number of its calls, or fails."""

    def __init__(self) -> None:
        self.calls = 0
        self.failure: Exception | None = None
        self.proceed = asyncio.Event()
        self.proceed.set()
        self.called = asyncio.Event()

    async def fetch(self) -> int:
        self.calls += 1
        self.called.set()
        await self.proceed.wait()
        if self.failure:
            raise self.failure
        return self.calls


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def answer(source: FakeSource, clock: FakeClock) -> CachedAnswer[int]:
    return CachedAnswer(source.fetch, clock)


async def test_an_answer_is_cached_for_a_minute(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    assert await answer.get() == 1
    clock.advance(FRESH_S - 1)
    assert await answer.get() == 1
    assert source.calls == 1
    clock.advance(1)
    assert await answer.get() == 2


async def test_concurrent_calls_send_one_request(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.proceed.clear()
    waiting = [asyncio.create_task(answer.get()) for _ in range(10)]
    await source.called.wait()
    source.proceed.set()
    assert await asyncio.gather(*waiting) == [1] * 10
    assert source.calls == 1


async def test_concurrent_calls_share_one_failed_request(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.failure = ServiceUnavailableError("down")
    results = await asyncio.gather(*(answer.get() for _ in range(10)), return_exceptions=True)
    assert {type(each) for each in results} == {ServiceUnavailableError}
    assert source.calls == 1


async def test_if_the_requesting_caller_is_cancelled_the_next_one_sends_the_request(
    answer: CachedAnswer[int], source: FakeSource
) -> None:
    source.proceed.clear()
    first, second = asyncio.create_task(answer.get()), asyncio.create_task(answer.get())
    await source.called.wait()
    first.cancel()
    source.proceed.set()
    assert await second == 2
    assert first.cancelled()


async def test_an_old_answer_is_used_for_an_hour_while_the_service_is_down(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    await answer.get()
    source.failure = ServiceUnavailableError("down")
    clock.advance(STALE_S - 1)
    assert await answer.get() == 1
    clock.advance(1)
    with pytest.raises(ServiceUnavailableError):
        await answer.get()


async def test_an_unavailable_service_is_called_at_most_every_five_seconds(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    source.failure = ServiceUnavailableError("down")
    for calls in (1, 2, 3):
        for _ in range(5):
            with pytest.raises(ServiceUnavailableError):
                await answer.get()
        assert source.calls == calls
        clock.advance(PAUSE_S)


async def test_an_old_answer_is_replaced_after_the_service_has_recovered(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    await answer.get()
    clock.advance(FRESH_S)
    source.failure = ServiceUnavailableError("down")
    assert await answer.get() == 1
    source.failure = None
    clock.advance(PAUSE_S - 1)
    assert await answer.get() == 1
    clock.advance(1)
    assert await answer.get() == 3


async def test_an_answer_of_none_is_cached(clock: FakeClock) -> None:
    calls = 0

    async def return_none() -> None:
        nonlocal calls
        calls += 1

    answer = CachedAnswer(return_none, clock)
    for _ in range(3):
        await answer.get()
    assert calls == 1


async def test_a_service_that_is_not_deployed_is_unavailable(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.failure = NotDeployedError("agents")
    with pytest.raises(ServiceUnavailableError):
        await answer.get()


async def test_an_unexpected_error_is_raised_although_there_is_an_old_answer(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    await answer.get()
    clock.advance(FRESH_S)
    source.failure = LookupError("a bug")
    with pytest.raises(LookupError):
        await answer.get()


async def test_a_failure_is_logged_once_with_its_reason(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.failure = ServiceUnavailableError("agents: status 503")
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(ServiceUnavailableError):
                await answer.get()
    assert logs == [{"event": "internal_call.failed", "reason": "agents: status 503", "log_level": "warning"}]
