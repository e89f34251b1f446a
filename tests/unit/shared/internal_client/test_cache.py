"""A kept answer of another service: asked for once a minute, and good for an hour when the service is down."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.internal_client import CachedAnswer, NotDeployedError, ServiceUnavailableError
from shared.internal_client.cache import FRESH_S, STALE_S
from tests.fakes.clock import FakeClock

PAUSE_S = 5


class FakeSource:
    """Answers how often it was asked, or fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()
        self.was_asked = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        self.was_asked.set()
        await self.go.wait()
        if self.failure:
            raise self.failure
        return self.asked


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def answer(source: FakeSource, clock: FakeClock) -> CachedAnswer[int]:
    return CachedAnswer(source.ask, clock)


async def test_an_answer_is_taken_as_it_is_for_a_minute(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    assert await answer.get() == 1
    clock.advance(FRESH_S - 1)
    assert await answer.get() == 1
    assert source.asked == 1
    clock.advance(1)
    assert await answer.get() == 2


async def test_many_who_want_to_know_at_once_are_one_question(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.go.clear()
    waiting = [asyncio.create_task(answer.get()) for _ in range(10)]
    await source.was_asked.wait()
    source.go.set()
    assert await asyncio.gather(*waiting) == [1] * 10
    assert source.asked == 1


async def test_many_who_want_to_know_at_once_wait_for_one_failure_only(
    answer: CachedAnswer[int], source: FakeSource
) -> None:
    source.failure = ServiceUnavailableError("down")
    results = await asyncio.gather(*(answer.get() for _ in range(10)), return_exceptions=True)
    assert {type(each) for each in results} == {ServiceUnavailableError}
    assert source.asked == 1


async def test_when_the_caller_that_asks_is_cancelled_the_next_one_asks(
    answer: CachedAnswer[int], source: FakeSource
) -> None:
    source.go.clear()
    first, second = asyncio.create_task(answer.get()), asyncio.create_task(answer.get())
    await source.was_asked.wait()
    first.cancel()
    source.go.set()
    assert await second == 2
    assert first.cancelled()


async def test_an_answer_counts_for_an_hour_when_the_service_is_down(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    await answer.get()
    source.failure = ServiceUnavailableError("down")
    clock.advance(STALE_S - 1)
    assert await answer.get() == 1
    clock.advance(1)
    with pytest.raises(ServiceUnavailableError):
        await answer.get()


async def test_a_service_that_is_down_is_asked_every_five_seconds(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    source.failure = ServiceUnavailableError("down")
    for asked in (1, 2, 3):
        for _ in range(5):
            with pytest.raises(ServiceUnavailableError):
                await answer.get()
        assert source.asked == asked
        clock.advance(PAUSE_S)


async def test_an_old_answer_is_replaced_as_soon_as_the_service_is_back(
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


async def test_an_answer_that_is_empty_is_an_answer(clock: FakeClock) -> None:
    asked = 0

    async def nothing() -> None:
        nonlocal asked
        asked += 1

    answer = CachedAnswer(nothing, clock)
    for _ in range(3):
        await answer.get()
    assert asked == 1


async def test_a_service_that_is_not_deployed_is_like_one_that_is_down(
    answer: CachedAnswer[int], source: FakeSource
) -> None:
    source.failure = NotDeployedError("agents")
    with pytest.raises(ServiceUnavailableError):
        await answer.get()


async def test_a_defect_in_the_question_is_not_hidden_by_an_old_answer(
    answer: CachedAnswer[int], source: FakeSource, clock: FakeClock
) -> None:
    await answer.get()
    clock.advance(FRESH_S)
    source.failure = LookupError("a defect")
    with pytest.raises(LookupError):
        await answer.get()


async def test_a_failure_is_logged_once_with_its_reason(answer: CachedAnswer[int], source: FakeSource) -> None:
    source.failure = ServiceUnavailableError("agents: status 503")
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(ServiceUnavailableError):
                await answer.get()
    assert logs == [{"event": "internal_call.failed", "reason": "agents: status 503", "log_level": "warning"}]
