"""The turn log: consecutive frames, each written once; a conditional put is the fence."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import Frame
from services.chat.tables import FencedError
from services.chat.tables.turn_log import RETENTION_S, TurnLog
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.faults import aws_error

TURN = "turn_1"


class Log:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.table = TurnLog(self.dynamodb, "log", self.clock)  # type: ignore[arg-type]

    async def put(self, *seqs: int, attempt: int = 1, turn_id: str = TURN) -> None:
        for seq in seqs:
            await self.table.append(turn_id, frame(seq, attempt))

    async def seqs(self, after: int = 0) -> list[int]:
        return [each.seq for each in await self.table.after(TURN, after)]


@pytest.fixture
def log() -> Log:
    return Log()


def frame(seq: int, attempt: int = 1) -> Frame:
    return Frame(seq, "message.delta", f'{{"text":"{seq}"}}', attempt)


async def test_frames_are_read_in_order_after_any_position(log: Log) -> None:
    await log.put(1, 2, 3)
    assert await log.table.after(TURN, 0) == [frame(1), frame(2), frame(3)]
    assert await log.seqs(2) == [3]
    assert await log.seqs(3) == []


async def test_logs_of_two_turns_do_not_mix(log: Log) -> None:
    await log.put(1)
    await log.put(1, 2, turn_id="turn_12")
    assert await log.seqs() == [1]


async def test_reading_stops_at_a_gap(log: Log) -> None:
    await log.put(1, 2, 4, 5)
    assert await log.seqs() == [1, 2]
    assert await log.seqs(2) == []
    assert await log.seqs(3) == [4, 5]


async def test_a_put_at_the_position_of_another_attempts_frame_is_fenced(log: Log) -> None:
    await log.put(1, 2)
    with pytest.raises(FencedError):
        await log.put(2, attempt=2)
    assert (await log.table.after(TURN, 1)) == [frame(2, 1)]


async def test_a_put_at_the_position_of_another_frame_of_the_same_attempt_is_fenced(log: Log) -> None:
    await log.put(1)
    with pytest.raises(FencedError):
        await log.table.append(TURN, Frame(1, "message.delta", '{"text":"other"}', 1))


async def test_a_repeated_put_of_the_same_frame_succeeds(log: Log) -> None:
    await log.put(1)
    await log.put(1)
    assert await log.seqs() == [1]


async def test_any_other_error_is_raised(log: Log) -> None:
    log.dynamodb.fail("put_item", aws_error("ProvisionedThroughputExceededException"))
    with pytest.raises(Exception, match="ProvisionedThroughputExceeded"):
        await log.put(1)


async def test_the_log_contains_a_frame_of_the_same_position_and_attempt_only(log: Log) -> None:
    await log.put(1)
    assert await log.table.contains(TURN, frame(1))
    assert not await log.table.contains(TURN, frame(1, attempt=2))
    assert not await log.table.contains(TURN, frame(2))


async def test_expired_frames_that_still_exist_are_not_read(log: Log) -> None:
    await log.put(1)
    log.clock.advance(RETENTION_S - 1)
    assert await log.seqs() == [1]
    log.clock.advance(1)
    assert await log.seqs() == []


async def test_a_log_of_several_pages_is_read_completely(log: Log) -> None:
    await log.put(*range(1, 26))
    log.dynamodb.page_items = 10
    assert await log.seqs() == list(range(1, 26))


@pytest.mark.parametrize("seqs", [(1, 2, 3), (1, 3, 9), (5,)])
async def test_erasing_removes_the_whole_log_also_with_gaps(log: Log, seqs: tuple[int, ...]) -> None:
    await log.put(*seqs)
    await log.put(1, turn_id="turn_2")
    await log.table.erase(TURN)
    await log.table.erase(TURN)
    assert [item["pk"]["S"] for item in log.dynamodb.items("log")] == ["TURN#turn_2"]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=20))
@settings(deadline=None, max_examples=50)
def test_each_position_belongs_to_the_first_attempt_that_wrote_it(puts: list[tuple[int, int]]) -> None:
    asyncio.run(_race(puts))


async def _race(puts: list[tuple[int, int]]) -> None:
    log = Log()
    first: dict[int, int] = {}
    for attempt, seq in puts:
        try:
            await log.put(seq, attempt=attempt)
        except FencedError:
            assert first[seq] != attempt
        else:
            assert first.setdefault(seq, attempt) == attempt
    gapless = [seq for seq in sorted(first) if set(range(1, seq)) <= set(first)]
    assert [(each.seq, each.attempt) for each in await log.table.after(TURN, 0)] == [(s, first[s]) for s in gapless]
