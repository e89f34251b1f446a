"""Leases: renewed while a turn runs, given up when somebody else has it, and whoever shall stop hears of it soon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from botocore.exceptions import EndpointConnectionError

from services.chat.domain import Turn
from services.chat.turns.leases import HeldLease, KnownTurns, LeaseRenewer
from tests.fakes.chat_service import FakeChat, until
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

POLL_S, LEASE_S = 0.5, 9.0


class PacedClock(FakeClock):
    """Goes on by a sleep only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = asyncio.Semaphore(0)
        self.asleep = 0

    async def sleep(self, seconds: float) -> None:
        self.asleep += 1
        await self._steps.acquire()
        self.asleep -= 1
        await super().sleep(seconds)

    async def go_on(self, steps: int = 1) -> None:
        """Until the sleeper sleeps again, or is done."""
        for _ in range(steps):
            await until(lambda: self.asleep)
            await self._step()

    async def _step(self) -> None:
        before = len(self.slept)
        self._steps.release()
        await until(lambda: len(self.slept) > before)
        for _ in range(20):
            await asyncio.sleep(0)


class BotService:
    """A keeper of its own loop over a chat's turns."""

    def __init__(self, chat: FakeChat, turns: KnownTurns | None = None) -> None:
        self.chat = chat
        self.clock = PacedClock()
        self.keeper = LeaseRenewer(turns or chat.store.turns, self.clock, lease_s=LEASE_S, poll_s=POLL_S)
        self.stop = asyncio.Event()
        self.loop: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, chat: FakeChat) -> AsyncIterator["BotService"]:
        keeping = cls(chat)
        keeping.loop = asyncio.create_task(keeping.keeper.run(keeping.stop))
        try:
            yield keeping
        finally:
            keeping.loop.cancel()
            await asyncio.wait({keeping.loop})

    async def keep(self) -> HeldLease:
        started = await self.chat.start(await self.chat.open())
        return self.keeper.keep(started.turn)

    async def turn(self, kept: HeldLease) -> Turn:
        return await self.chat.turn(kept.turn.id)

    async def seconds(self, seconds: float) -> None:
        await self.clock.go_on(round(seconds / POLL_S))

    def renewals(self) -> int:
        return self.chat.dynamodb.calls.count("update_item")


async def test_a_lease_is_renewed_three_times_within_its_life(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        await keeping.seconds(2.5)
        assert keeping.renewals() == 0
        await keeping.seconds(0.5)
        assert keeping.renewals() == 1
        assert (await keeping.turn(kept)).lease_until == keeping.keeper.lease_until()
        await keeping.seconds(6)
        assert keeping.renewals() == 3
        assert not kept.stopped.done()


async def test_a_turn_that_is_released_is_renewed_no_more(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        keeping.keeper.release(kept)
        await keeping.seconds(4)
        assert keeping.renewals() == 0
        assert "batch_get_item" not in chat.dynamodb.calls


async def test_a_cancellation_is_seen_at_the_next_look(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        await chat.store.turns.request_cancel(kept.turn.id)
        await keeping.seconds(POLL_S)
        assert kept.stopped.result() == "cancelled"


async def test_a_cancellation_in_this_process_is_seen_at_once(chat: FakeChat) -> None:
    keeping = BotService(chat)
    kept, other = await keeping.keep(), await keeping.keep()
    keeping.keeper.notify_cancelled(kept.turn.id)
    keeping.keeper.notify_cancelled("turn that runs elsewhere")
    assert kept.stopped.result() == "cancelled"
    assert not other.stopped.done()


async def test_a_turn_that_somebody_took_over_is_lost(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        assert await chat.store.turns.claim(kept.turn, 1)
        await keeping.seconds(POLL_S)
        assert kept.stopped.result() == "lost"


async def test_a_turn_that_somebody_ended_is_lost(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        ended = kept.turn.model_copy(update={"state": "cancelled", "ended_at": chat.clock.now()})
        await chat.store.commit([chat.store.turns.ended(ended)])
        await keeping.seconds(POLL_S)
        assert kept.stopped.result() == "lost"


async def test_a_turn_that_is_gone_is_lost_when_its_lease_is_renewed(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        await chat.store.turns.erase(kept.turn.id)
        await keeping.seconds(3)
        assert kept.stopped.result() == "lost"


async def test_the_first_reason_to_stop_stands(chat: FakeChat) -> None:
    kept = await BotService(chat).keep()
    kept.stop("cancelled")
    kept.stop("lost")
    assert kept.stopped.result() == "cancelled"


@pytest.mark.parametrize("operation", ["batch_get_item", "update_item"])
@pytest.mark.parametrize("error", [aws_error("ThrottlingException"), EndpointConnectionError(endpoint_url="x")])
async def test_a_store_that_fails_for_a_moment_costs_no_turn(chat: FakeChat, operation: str, error: Exception) -> None:
    async with BotService.on(chat) as keeping:
        kept = await keeping.keep()
        await keeping.seconds(2.5)
        chat.dynamodb.fail(operation, error)
        await keeping.seconds(1)
        assert not kept.stopped.done()
        assert (await keeping.turn(kept)).lease_until == keeping.keeper.lease_until()


async def test_one_lease_that_cannot_be_renewed_does_not_hold_up_the_others(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        first, second = await keeping.keep(), await keeping.keep()
        chat.dynamodb.fail("update_item", aws_error("ThrottlingException"))
        await keeping.seconds(3)
        assert (await keeping.turn(second)).lease_until > first.turn.lease_until


async def test_an_error_of_our_own_is_not_swallowed(chat: FakeChat) -> None:
    class Broken:
        async def get_many(self, _turn_ids: list[str]) -> list[Turn]:
            raise KeyError("a bug")

    keeping = BotService(chat, cast("KnownTurns", Broken()))
    await keeping.keep()
    running = asyncio.create_task(keeping.keeper.run(keeping.stop))
    await keeping.clock.go_on()
    with pytest.raises(KeyError):
        await running


async def test_the_keeper_goes_when_it_is_told_to_and_nothing_runs_any_more(chat: FakeChat) -> None:
    async with BotService.on(chat) as keeping:
        assert keeping.loop is not None
        kept = await keeping.keep()
        keeping.stop.set()
        await keeping.seconds(3)
        assert not keeping.loop.done()
        assert keeping.renewals() == 1
        keeping.keeper.release(kept)
        await keeping.clock.go_on()
        assert keeping.loop.done()


async def test_a_later_run_of_the_same_turn_is_not_released_by_the_earlier_one(chat: FakeChat) -> None:
    keeping = BotService(chat)
    earlier = await keeping.keep()
    later = keeping.keeper.keep(earlier.turn)
    keeping.keeper.release(earlier)
    keeping.keeper.notify_cancelled(later.turn.id)
    assert later.stopped.done()
    assert not earlier.stopped.done()
