"""The turn log: consecutive, put once, and its put is the fence."""

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
        self.log = TurnLog(self.dynamodb, "log", self.clock)  # type: ignore[arg-type]

    async def put(self, *seqs: int, attempt: int = 1, turn_id: str = TURN) -> None:
        for seq in seqs:
            await self.log.append(turn_id, frame(seq, attempt))

    async def seqs(self, after: int = 0) -> list[int]:
        return [each.seq for each in await self.log.after(TURN, after)]


@pytest.fixture
def kept() -> Log:
    return Log()


def frame(seq: int, attempt: int = 1) -> Frame:
    return Frame(seq, "message.delta", f'{{"text":"{seq}"}}', attempt)


async def test_frames_are_read_back_in_order_behind_any_place(kept: Log) -> None:
    await kept.put(1, 2, 3)
    assert await kept.log.after(TURN, 0) == [frame(1), frame(2), frame(3)]
    assert await kept.seqs(2) == [3]
    assert await kept.seqs(3) == []


async def test_logs_of_two_turns_do_not_mix(kept: Log) -> None:
    await kept.put(1)
    await kept.put(1, 2, turn_id="turn_12")
    assert await kept.seqs() == [1]


async def test_no_reader_passes_a_gap(kept: Log) -> None:
    await kept.put(1, 2, 4, 5)
    assert await kept.seqs() == [1, 2]
    assert await kept.seqs(2) == []
    assert await kept.seqs(3) == [4, 5]


async def test_a_place_that_is_taken_is_the_fence(kept: Log) -> None:
    await kept.put(1, 2)
    with pytest.raises(FencedError):
        await kept.put(2, attempt=2)
    assert (await kept.log.after(TURN, 1)) == [frame(2, 1)]


async def test_another_frame_of_the_same_attempt_is_fenced_too(kept: Log) -> None:
    await kept.put(1)
    with pytest.raises(FencedError):
        await kept.log.append(TURN, Frame(1, "message.delta", '{"text":"other"}', 1))


async def test_a_put_whose_answer_was_lost_is_known_again(kept: Log) -> None:
    await kept.put(1)
    await kept.put(1)
    assert await kept.seqs() == [1]


async def test_any_other_fault_is_raised(kept: Log) -> None:
    kept.dynamodb.fail("put_item", aws_error("ProvisionedThroughputExceededException"))
    with pytest.raises(Exception, match="ProvisionedThroughputExceeded"):
        await kept.put(1)


async def test_a_frame_is_somebodys_only_where_it_lies(kept: Log) -> None:
    await kept.put(1)
    assert await kept.log.contains(TURN, frame(1))
    assert not await kept.log.contains(TURN, frame(1, attempt=2))
    assert not await kept.log.contains(TURN, frame(2))


async def test_what_is_past_its_time_is_not_read_although_it_is_still_there(kept: Log) -> None:
    await kept.put(1)
    kept.clock.advance(RETENTION_S - 1)
    assert await kept.seqs() == [1]
    kept.clock.advance(1)
    assert await kept.seqs() == []


async def test_a_long_log_is_read_through_all_its_pages(kept: Log) -> None:
    await kept.put(*range(1, 26))
    kept.dynamodb.page_items = 10
    assert await kept.seqs() == list(range(1, 26))


@pytest.mark.parametrize("seqs", [(1, 2, 3), (1, 3, 9), (5,)])
async def test_erasing_leaves_nothing_gaps_or_not(kept: Log, seqs: tuple[int, ...]) -> None:
    await kept.put(*seqs)
    await kept.put(1, turn_id="turn_2")
    await kept.log.erase(TURN)
    await kept.log.erase(TURN)
    assert [item["pk"]["S"] for item in kept.dynamodb.items("log")] == ["TURN#turn_2"]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=20))
@settings(deadline=None, max_examples=50)
def test_however_attempts_race_each_place_is_one_attempts_alone(puts: list[tuple[int, int]]) -> None:
    asyncio.run(_race(puts))


async def _race(puts: list[tuple[int, int]]) -> None:
    kept = Log()
    first: dict[int, int] = {}
    for attempt, seq in puts:
        try:
            await kept.put(seq, attempt=attempt)
        except FencedError:
            assert first[seq] != attempt
        else:
            assert first.setdefault(seq, attempt) == attempt
    gapless = [seq for seq in sorted(first) if set(range(1, seq)) <= set(first)]
    assert [(each.seq, each.attempt) for each in await kept.log.after(TURN, 0)] == [(s, first[s]) for s in gapless]
