"""Broadcast: readers in the runner's process get frames from memory, from any position, without a gap."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import Frame
from services.chat.stream.broadcast import FrameBroadcast, TurnBroadcast
from tests.fakes.chat_service import until


def frames(first: int, last: int) -> list[Frame]:
    return [Frame(seq, "message.delta", "{}", 1) for seq in range(first, last + 1)]


async def followed(broadcast: TurnBroadcast, after: int) -> list[int]:
    return [frame.seq async for frame in broadcast.after(after)]


def closed(first: int, last: int) -> TurnBroadcast:
    broadcast = TurnBroadcast("t")
    for frame in frames(first, last):
        broadcast.publish(frame)
    broadcast.close()
    return broadcast


async def test_a_reader_gets_earlier_frames_and_then_new_ones() -> None:
    broadcast = TurnBroadcast("t")
    broadcast.publish(frames(1, 1)[0])
    reading = asyncio.create_task(followed(broadcast, 0))
    await asyncio.sleep(0)
    for frame in frames(2, 4):
        broadcast.publish(frame)
    broadcast.close()
    assert await reading == [1, 2, 3, 4]


async def test_a_reader_may_start_at_any_position() -> None:
    assert await followed(closed(3, 6), 4) == [5, 6]
    assert await followed(closed(3, 6), 6) == []


async def test_a_reader_that_needs_earlier_frames_gets_none() -> None:
    """It must not see a gap; it reads the missing frames from the table."""
    assert await followed(closed(3, 6), 1) == []
    assert await followed(closed(3, 6), 2) == [3, 4, 5, 6]


async def test_readers_end_when_the_broadcast_is_closed_even_without_a_frame() -> None:
    broadcast = TurnBroadcast("t")
    both = [asyncio.create_task(followed(broadcast, 0)) for _ in range(2)]
    await asyncio.sleep(0)
    broadcast.close()
    assert [await each for each in both] == [[], []]


async def test_a_reader_that_leaves_does_not_affect_the_others() -> None:
    broadcast = TurnBroadcast("t")
    staying, leaving = (asyncio.create_task(followed(broadcast, 0)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    broadcast.publish(frames(1, 1)[0])
    broadcast.close()
    assert await staying == [1]


def test_a_turn_is_found_while_it_runs_here() -> None:
    turns = FrameBroadcast()
    broadcast = turns.open("t")
    assert turns.find("t") is broadcast
    assert turns.find("other") is None
    turns.close(broadcast)
    assert turns.find("t") is None
    assert broadcast.closed


def test_closing_an_earlier_run_leaves_the_later_one_alone() -> None:
    turns = FrameBroadcast()
    earlier, later = turns.open("t"), turns.open("t")
    turns.close(earlier)
    assert turns.find("t") is later


@given(st.integers(1, 5), st.integers(0, 8), st.integers(0, 12), st.lists(st.integers(0, 3), max_size=10))
@settings(deadline=None, max_examples=60)
def test_a_reader_that_joins_at_any_time_gets_frames_without_gap_or_repetition(
    first: int, count: int, after: int, pauses: list[int]
) -> None:
    asyncio.run(_join(first, count, after, pauses))


async def _join(first: int, count: int, after: int, pauses: list[int]) -> None:
    broadcast = TurnBroadcast("t")
    reading = asyncio.create_task(followed(broadcast, after))
    for frame, pause in zip(frames(first, first + count - 1), [*pauses, *[0] * count], strict=False):
        for _ in range(pause):
            await asyncio.sleep(0)
        broadcast.publish(frame)
    broadcast.close()
    await until(reading.done)
    seen = reading.result()
    assert seen == list(range(after + 1, after + 1 + len(seen)))
