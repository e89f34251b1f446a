"""Turns that run here: who follows them here reads from memory, from any place, without a gap."""

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


async def test_a_follower_gets_what_was_said_and_then_what_is_said() -> None:
    broadcast = TurnBroadcast("t")
    broadcast.publish(frames(1, 1)[0])
    following = asyncio.create_task(followed(broadcast, 0))
    await asyncio.sleep(0)
    for frame in frames(2, 4):
        broadcast.publish(frame)
    broadcast.close()
    assert await following == [1, 2, 3, 4]


async def test_a_follower_goes_on_behind_any_place() -> None:
    assert await followed(closed(3, 6), 4) == [5, 6]
    assert await followed(closed(3, 6), 6) == []


async def test_who_lacks_what_was_said_before_is_told_nothing_here() -> None:
    """A gap would be worse: the table has the rest."""
    assert await followed(closed(3, 6), 1) == []
    assert await followed(closed(3, 6), 2) == [3, 4, 5, 6]


async def test_followers_end_when_the_turn_is_closed_even_without_a_frame() -> None:
    broadcast = TurnBroadcast("t")
    both = [asyncio.create_task(followed(broadcast, 0)) for _ in range(2)]
    await asyncio.sleep(0)
    broadcast.close()
    assert [await each for each in both] == [[], []]


async def test_a_follower_who_leaves_disturbs_nobody() -> None:
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
def test_whoever_joins_whenever_gets_a_row_without_gap_or_repetition(
    first: int, count: int, after: int, pauses: list[int]
) -> None:
    asyncio.run(_join(first, count, after, pauses))


async def _join(first: int, count: int, after: int, pauses: list[int]) -> None:
    broadcast = TurnBroadcast("t")
    following = asyncio.create_task(followed(broadcast, after))
    for frame, pause in zip(frames(first, first + count - 1), [*pauses, *[0] * count], strict=False):
        for _ in range(pause):
            await asyncio.sleep(0)
        broadcast.publish(frame)
    broadcast.close()
    await until(following.done)
    seen = following.result()
    assert seen == list(range(after + 1, after + 1 + len(seen)))
