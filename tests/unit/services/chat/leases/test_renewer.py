"""Leases: renewed while a turn runs, lost when another process has the turn, stopped soon after a cancellation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from botocore.exceptions import EndpointConnectionError

from services.chat.domain import Turn
from services.chat.leases.renewer import HeldLease, LeaseRenewer, TurnTable
from tests.fakes.chat_service import FakeChat, until
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

POLL_S, LEASE_S = 0.5, 9.0


class PacedClock(FakeClock):
    """A clock whose sleeps end only when the test lets them."""

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
        """End `steps` sleeps; returns when the loop sleeps again or has ended."""
        for _ in range(steps):
            await until(lambda: self.asleep)
            await self._step()

    async def _step(self) -> None:
        before = len(self.slept)
        self._steps.release()
        await until(lambda: len(self.slept) > before)
        for _ in range(20):
            await asyncio.sleep(0)


class RenewerFixture:
    """A lease renewer over a chat's turns, with a clock that the test controls."""

    def __init__(self, chat: FakeChat, turns: TurnTable | None = None) -> None:
        self.chat = chat
        self.clock = PacedClock()
        self.leases = LeaseRenewer(turns or chat.store.turns, self.clock, lease_s=LEASE_S, poll_s=POLL_S)
        self.stop = asyncio.Event()
        self.loop: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def run(cls, chat: FakeChat) -> AsyncIterator["RenewerFixture"]:
        fixture = cls(chat)
        fixture.loop = asyncio.create_task(fixture.leases.run(fixture.stop))
        try:
            yield fixture
        finally:
            fixture.loop.cancel()
            await asyncio.wait({fixture.loop})

    async def hold(self) -> HeldLease:
        started = await self.chat.start(await self.chat.open())
        return self.leases.hold(started.turn)

    async def turn(self, lease: HeldLease) -> Turn:
        return await self.chat.turn(lease.turn.id)

    async def seconds(self, seconds: float) -> None:
        await self.clock.go_on(round(seconds / POLL_S))

    def renewals(self) -> int:
        return self.chat.dynamodb.calls.count("update_item")


async def test_a_lease_is_renewed_three_times_within_its_life(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        await fixture.seconds(2.5)
        assert fixture.renewals() == 0
        await fixture.seconds(0.5)
        assert fixture.renewals() == 1
        assert (await fixture.turn(lease)).lease_until == fixture.leases.lease_until()
        await fixture.seconds(6)
        assert fixture.renewals() == 3
        assert not lease.stopped.done()


async def test_a_released_lease_is_not_renewed(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        fixture.leases.release(lease)
        await fixture.seconds(4)
        assert fixture.renewals() == 0
        assert "batch_get_item" not in chat.dynamodb.calls


async def test_a_cancellation_is_seen_at_the_next_poll(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        await chat.store.turns.request_cancel(lease.turn.id)
        await fixture.seconds(POLL_S)
        assert lease.stopped.result() == "cancelled"


async def test_a_cancellation_in_this_process_is_seen_at_once(chat: FakeChat) -> None:
    fixture = RenewerFixture(chat)
    lease, other = await fixture.hold(), await fixture.hold()
    fixture.leases.notify_cancelled(lease.turn.id)
    fixture.leases.notify_cancelled("turn that runs elsewhere")
    assert lease.stopped.result() == "cancelled"
    assert not other.stopped.done()


async def test_a_turn_that_another_process_claimed_is_lost(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        assert await chat.store.turns.claim(lease.turn, 1)
        await fixture.seconds(POLL_S)
        assert lease.stopped.result() == "lost"


async def test_a_turn_that_another_process_ended_is_lost(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        ended = lease.turn.model_copy(update={"state": "cancelled", "ended_at": chat.clock.now()})
        await chat.commit([chat.store.turns.ended(ended)])
        await fixture.seconds(POLL_S)
        assert lease.stopped.result() == "lost"


async def test_an_erased_turn_is_lost_when_its_lease_is_renewed(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        await chat.store.turns.erase(lease.turn.id)
        await fixture.seconds(3)
        assert lease.stopped.result() == "lost"


async def test_the_first_reason_to_stop_counts(chat: FakeChat) -> None:
    lease = await RenewerFixture(chat).hold()
    lease.stop("cancelled")
    lease.stop("lost")
    assert lease.stopped.result() == "cancelled"


@pytest.mark.parametrize("operation", ["batch_get_item", "update_item"])
@pytest.mark.parametrize("error", [aws_error("ThrottlingException"), EndpointConnectionError(endpoint_url="x")])
async def test_a_brief_failure_of_the_table_loses_no_turn(chat: FakeChat, operation: str, error: Exception) -> None:
    async with RenewerFixture.run(chat) as fixture:
        lease = await fixture.hold()
        await fixture.seconds(2.5)
        chat.dynamodb.fail(operation, error)
        await fixture.seconds(1)
        assert not lease.stopped.done()
        assert (await fixture.turn(lease)).lease_until == fixture.leases.lease_until()


async def test_a_failed_renewal_does_not_delay_the_other_leases(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        first, second = await fixture.hold(), await fixture.hold()
        chat.dynamodb.fail("update_item", aws_error("ThrottlingException"))
        await fixture.seconds(3)
        assert (await fixture.turn(second)).lease_until > first.turn.lease_until


async def test_an_error_of_our_own_is_not_swallowed(chat: FakeChat) -> None:
    class Broken:
        async def get_many(self, _turn_ids: list[str]) -> list[Turn]:
            raise KeyError("a bug")

    fixture = RenewerFixture(chat, cast("TurnTable", Broken()))
    await fixture.hold()
    running = asyncio.create_task(fixture.leases.run(fixture.stop))
    await fixture.clock.go_on()
    with pytest.raises(KeyError):
        await running


async def test_the_loop_ends_when_it_is_stopped_and_no_lease_is_held(chat: FakeChat) -> None:
    async with RenewerFixture.run(chat) as fixture:
        assert fixture.loop is not None
        lease = await fixture.hold()
        fixture.stop.set()
        await fixture.seconds(3)
        assert not fixture.loop.done()
        assert fixture.renewals() == 1
        fixture.leases.release(lease)
        await fixture.clock.go_on()
        assert fixture.loop.done()


async def test_a_later_run_of_the_same_turn_is_not_released_by_the_earlier_one(chat: FakeChat) -> None:
    fixture = RenewerFixture(chat)
    earlier = await fixture.hold()
    later = fixture.leases.hold(earlier.turn)
    fixture.leases.release(earlier)
    fixture.leases.notify_cancelled(later.turn.id)
    assert later.stopped.done()
    assert not earlier.stopped.done()
