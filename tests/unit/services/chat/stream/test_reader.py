"""Reading a turn: every frame once and in order, from any position, in any process, even if its runner dies."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import Frame
from services.chat.tables.turn_log import RETENTION_S
from shared.llm.port import TextDelta
from shared.problems import Problem
from tests.fakes.chat_models import END, FakeModels, answer
from tests.fakes.chat_service import FakeChat, World, until

TURN = "turn_01J00000000000000000000000"


def frames(first: int, last: int, end: int | None = None) -> list[Frame]:
    return [
        Frame(seq, "turn.completed" if seq == end else "message.delta", f'{{"text":"{seq}"}}', 1)
        for seq in range(first, last + 1)
    ]


async def running(chat: FakeChat) -> None:
    """Create a queued turn with the id TURN and an empty log."""
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    await chat.commit([chat.store.turns.put_new(turn.model_copy(update={"id": TURN}))])


async def write(chat: FakeChat, *said: Frame) -> None:
    for frame in said:
        await chat.store.log.append(TURN, frame)


async def follow(chat: FakeChat, after: int = 0, turn_id: str = TURN) -> list[Frame]:
    return [frame async for frame in chat.reader.frames(turn_id, after)]


async def test_an_ended_turn_is_read_from_its_log(chat: FakeChat) -> None:
    await write(chat, *frames(1, 4, end=4))
    assert await follow(chat) == frames(1, 4, end=4)
    assert chat.clock.slept == []


@pytest.mark.parametrize("after", range(4))
async def test_the_stream_starts_after_any_position(chat: FakeChat, after: int) -> None:
    await write(chat, *frames(1, 4, end=4))
    assert await follow(chat, after) == frames(after + 1, 4, end=4)


async def test_another_process_reads_the_same_frames(chat: FakeChat) -> None:
    chat.models.answers = answer("a", "b", "c")
    turn, task = await chat.running_turn(await chat.open())
    there = asyncio.create_task(follow(chat.other_process(), 0, turn.id))
    here = asyncio.create_task(follow(chat, 0, turn.id))
    await task
    assert await here == await there == await chat.log(turn)


async def test_a_reader_gets_the_first_frame_before_the_model_answers() -> None:
    """The first frame has the turn's id, which a client needs to cancel it."""
    chat = FakeChat(World(FakeModels(asyncio.Event())))
    turn, task = await chat.running_turn(await chat.open())
    heard: list[Frame] = []
    reading = asyncio.create_task(collect(chat.reader.frames(turn.id, 0), heard))
    await until(lambda: [frame.event for frame in heard] == ["turn.started"])
    for each in (reading, task):
        each.cancel()
    await asyncio.wait({reading, task})


async def collect(stream: AsyncGenerator[Frame, None], into: list[Frame]) -> None:
    async for frame in stream:
        into.append(frame)  # noqa: PERF401 - one by one, as they come


async def test_a_reader_in_the_runners_process_does_not_poll_the_table() -> None:
    go = asyncio.Event()
    chat = FakeChat(World(FakeModels(TextDelta("a"), go, TextDelta("b"), *END)))
    turn, task = await chat.running_turn(await chat.open())
    heard: list[Frame] = []
    reading = asyncio.create_task(collect(chat.reader.frames(turn.id, 0), heard))
    await until(lambda: len(heard) == 2)
    go.set()
    await task
    await reading
    assert heard == await chat.log(turn)
    assert chat.clock.slept == []


async def test_after_the_broadcast_is_closed_the_reader_continues_from_the_table(chat: FakeChat) -> None:
    """As after a takeover, when another process writes the next frames."""
    await running(chat)
    broadcast = chat.broadcast.open(TURN)
    await write(chat, *frames(1, 2))
    for frame in frames(1, 2):
        broadcast.publish(frame)
    heard: list[Frame] = []
    reading = asyncio.create_task(collect(chat.reader.frames(TURN, 0), heard))
    await until(lambda: len(heard) == 2)
    chat.broadcast.close(broadcast)
    await write(chat, *frames(3, 5, end=5))
    await reading
    assert heard == frames(1, 5, end=5)


async def test_a_reader_polls_the_table_less_often_while_nothing_comes_and_more_often_when_it_does(
    chat: FakeChat,
) -> None:
    turn = (await chat.start(await chat.open())).turn
    heard: list[Frame] = []
    reading = asyncio.create_task(collect(chat.other_process().reader.frames(turn.id, 1), heard))
    await until(lambda: len(chat.clock.slept) >= 8)
    waits = chat.clock.slept[:8]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(0.15)
    assert waits[-1] == 1.0
    before = len(chat.clock.slept)
    await chat.store.log.append(turn.id, frames(2, 2)[0])
    await until(lambda: heard)
    await until(lambda: len(chat.clock.slept) > before + 2)
    assert 0.1 in chat.clock.slept[before:]
    await chat.store.log.append(turn.id, frames(3, 3, end=3)[0])
    await reading
    assert heard == frames(2, 3, end=3)


async def test_a_stream_requested_after_its_last_frame_ends(chat: FakeChat) -> None:
    """EventSource reconnects with the last id that it saw; it must not wait for ever then."""
    turn = await chat.ended_turn(await chat.open())
    last = (await chat.log(turn))[-1].seq
    assert await follow(chat, last, turn.id) == []
    assert await follow(chat.other_process(), last + 100, turn.id) == []


async def test_a_stream_ends_when_its_turn_is_erased(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    other = chat.other_process()
    reading = asyncio.create_task(follow(other, 1, turn.id))
    await until(lambda: chat.clock.slept)
    await chat.store.log.erase(turn.id)
    await chat.store.turns.erase(turn.id)
    await until(reading.done)
    assert reading.result() == []


async def test_an_ended_turn_without_a_log_is_expired(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    await chat.reader.refuse_if_expired(turn.id, ended=True)
    chat.clock.advance(RETENTION_S + 1)
    with pytest.raises(Problem) as refused:
        await chat.reader.refuse_if_expired(turn.id, ended=True)
    assert refused.value.slug == "stream-expired"


async def test_a_turn_that_has_no_log_yet_is_not_expired(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    await chat.reader.refuse_if_expired(turn.id, ended=False)


@given(
    last=st.integers(1, 12), start=st.integers(1, 13), handover=st.integers(0, 13), after=st.integers(0, 12),
    pauses=st.lists(st.integers(0, 2), max_size=12),
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_any_split_between_memory_and_table_gives_the_same_frames(
    last: int, start: int, handover: int, after: int, pauses: list[int]
) -> None:
    """The runner here writes from `start` to `handover`; before and after it, others put frames into the table."""
    asyncio.run(_split(last, start, handover, min(after, last - 1), pauses))


async def _split(last: int, start: int, handover: int, after: int, pauses: list[int]) -> None:
    chat = FakeChat()
    await running(chat)
    whole = frames(1, last, end=last)
    await write(chat, *whole[: start - 1])
    broadcast = chat.broadcast.open(TURN)
    reading = asyncio.create_task(follow(chat, after))
    for frame, pause in zip(whole[start - 1 :], [*pauses, *[0] * last], strict=False):
        for _ in range(pause):
            await asyncio.sleep(0)
        if frame.seq == handover + 1:
            chat.broadcast.close(broadcast)
        await write(chat, frame)
        if frame.seq <= handover:
            broadcast.publish(frame)
    chat.broadcast.close(broadcast)
    await until(reading.done)
    assert reading.result() == whole[after:]
