"""Cancelling a turn: in any process, wherever it runs, and only once."""

import asyncio

import pytest

from services.chat.domain import TextBlock
from shared.llm.port import TextDelta
from tests.fakes.chat_models import FakeModels, answer
from tests.fakes.chat_service import LEASE_S, FakeChat, World, until
from tests.fakes.clock import FakeClock


@pytest.fixture
def endless() -> FakeChat:
    """A chat whose model streams one delta and then waits for ever."""
    return FakeChat(World(FakeModels(TextDelta("Hel"), asyncio.Event())))


async def test_a_turn_that_runs_here_stops_at_once(endless: FakeChat) -> None:
    turn, task = await endless.running_turn(await endless.open())
    await until(lambda: (broadcast := endless.broadcast.find(turn.id)) and len(broadcast._frames) == 2)
    stopped = await endless.cancel_turn.cancel(turn)
    assert stopped.state == "cancelled"
    assert (await endless.message(turn)).content == [TextBlock(text="Hel")]
    assert task.done()
    assert endless.clock.monotonic() < 1


async def test_a_turn_that_runs_elsewhere_is_flagged_and_waited_for(endless: FakeChat) -> None:
    turn, task = await endless.running_turn(await endless.open())

    class Meanwhile(FakeClock):
        """While one process waits, the runner polls its leases."""

        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            await endless.leases._poll()
            await task

    other = endless.other_process()
    other.cancel_turn._clock = Meanwhile()
    assert (await other.cancel_turn.cancel(turn)).state == "cancelled"
    assert other.cancel_turn._clock.monotonic() == pytest.approx(0.1)


async def test_a_turn_whose_runner_does_not_react_is_returned_still_running(endless: FakeChat) -> None:
    turn, task = await endless.running_turn(await endless.open())
    asked = await endless.other_process().cancel_turn.cancel(turn)
    assert (asked.state, asked.cancel_requested) == ("running", True)
    assert endless.clock.monotonic() == pytest.approx(2, abs=0.15)
    task.cancel()
    await asyncio.wait({task})


async def test_a_turn_without_a_runner_is_ended_by_the_process_that_cancels_it(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Hel")
    stopped = await chat.cancel_turn.cancel(turn)
    assert stopped.state == "cancelled"
    assert await chat.frame_events(turn) == ["turn.started", "message.delta", "usage", "turn.cancelled"]
    assert (await chat.invocation(turn)).basis == "estimated"
    assert chat.clock.slept == []


async def test_a_queued_turn_is_ended_before_it_begins(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    assert (await chat.cancel_turn.cancel(turn)).state == "cancelled"
    await chat.receive_run_turn(turn.id)
    assert chat.models.requests == []


@pytest.mark.parametrize("state", ["completed", "cancelled", "failed"])
async def test_a_turn_that_has_ended_stays_as_it_ended(chat: FakeChat, state: str) -> None:
    head = await chat.open()
    if state == "completed":
        turn = await chat.ended_turn(head)
    else:
        turn = await chat.abandoned_turn(head)
        if state == "cancelled":
            await chat.cancel_turn.cancel(turn)
        else:
            await chat.other_process(takeovers_limit=0).receive_run_turn(turn.id)
    count = len(chat.outbox_events())
    before = await chat.turn(turn.id)
    assert (await chat.cancel_turn.cancel(turn)) == before
    assert before.state == state
    assert len(chat.outbox_events()) == count


async def test_ten_cancellations_at_once_end_the_turn_once(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    processes = [chat.other_process() for _ in range(10)]
    states = {each.state for each in await asyncio.gather(*(p.cancel_turn.cancel(turn) for p in processes))}
    assert states == {"cancelled"}
    assert len(chat.outbox_events("turn.cancelled")) == 1


async def test_cancelling_a_turn_that_has_just_completed_returns_the_completed_turn(chat: FakeChat) -> None:
    turn, task = await chat.running_turn(await chat.open())
    await task
    assert (await chat.cancel_turn.cancel(turn)).state == "completed"
    assert not (await chat.turn(turn.id)).cancel_requested


async def test_cancelling_a_turn_while_it_is_claimed_ends_it_once(chat: FakeChat) -> None:
    chat.models.answers = answer("a", "b")
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    await asyncio.gather(
        chat.receive_run_turn(turn.id), chat.other_process().cancel_turn.cancel(turn), return_exceptions=True
    )
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).ended
    assert len([each for each in chat.outbox_events("chat.turn") if each.type != "chat.turn.started"]) == 1


async def test_a_turn_that_was_erased_meanwhile_is_returned_unchanged(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    await chat.store.turns.erase(turn.id)
    assert await chat.cancel_turn.cancel(turn) == turn
