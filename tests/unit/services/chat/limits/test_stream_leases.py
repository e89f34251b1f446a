"""Stream leases: released at the end, renewed in time, lost when a process was paused too long."""

import asyncio

from services.chat.domain.stream_lease import Caller, StreamLease
from tests.fakes.chat_service import TABLE, FakeChat, until
from tests.fakes.faults import aws_error

ANN = Caller("ann", "user")
LEASE_S = 30
WRITES = "transact_write_items"


def leases(chat: FakeChat) -> dict[int, int]:
    (item,) = (item for item in chat.dynamodb.items(TABLE) if item["sk"]["S"] == "RUNNING")
    return {int(name[6:]): int(value["N"]) for name, value in item.items() if name.startswith("place_")}


async def opened_stream(chat: FakeChat, caller: Caller = ANN, *, connected: bool = True) -> StreamLease:
    lease = await chat.concurrency.open_stream(caller)
    chat.stream_leases.watch(lease, lambda: connected)
    return lease


async def test_a_stream_costs_one_write_when_it_opens_and_one_when_it_ends(chat: FakeChat) -> None:
    lease = await opened_stream(chat)
    assert leases(chat) == {lease.slot: lease.until}
    chat.clock.advance(19)
    await chat.stream_leases.check()
    chat.stream_leases.release(lease)
    await until(lambda: leases(chat) == {})
    chat.stream_leases.release(lease)
    assert chat.dynamodb.calls == [WRITES, WRITES]


async def test_old_leases_of_one_caller_are_renewed_in_one_request(chat: FakeChat) -> None:
    for caller in (ANN, ANN, ANN):
        await opened_stream(chat, caller)
    await opened_stream(chat, Caller("ann", "machine"))
    before = len(chat.dynamodb.calls)
    chat.clock.advance(20)
    await chat.stream_leases.check()
    assert len(chat.dynamodb.calls) == before + 2
    assert set(leases(chat).values()) == {chat.now() + LEASE_S * 1000}
    await chat.stream_leases.check()
    assert len(chat.dynamodb.calls) == before + 2


async def test_a_lost_lease_is_neither_renewed_nor_released(chat: FakeChat) -> None:
    paused, active = await opened_stream(chat), await opened_stream(chat)
    chat.clock.advance(LEASE_S)
    other = chat.other_process()
    other.concurrency._first_slot = paused.slot
    taken = await opened_stream(other)
    assert taken.slot == paused.slot
    await chat.stream_leases.check()
    assert (paused.lost, active.lost, taken.lost) == (True, False, False)
    await chat.stream_leases.check()
    chat.stream_leases.release(paused)
    assert leases(chat) == {taken.slot: taken.until, active.slot: active.until}
    assert active.until > chat.now()


async def test_releasing_a_lease_that_was_taken_does_not_affect_the_new_one(chat: FakeChat) -> None:
    paused = await opened_stream(chat)
    chat.clock.advance(LEASE_S)
    other = chat.other_process()
    other.concurrency._first_slot = paused.slot
    taken = await opened_stream(other)
    chat.stream_leases.release(paused)
    await until(lambda: not chat.stream_leases.slots(ANN))
    assert leases(chat) == {taken.slot: taken.until}


async def test_the_lease_of_a_disconnected_client_is_released_before_its_stream_ends(chat: FakeChat) -> None:
    lease = await opened_stream(chat, connected=False)
    await chat.stream_leases.check()
    await until(lambda: leases(chat) == {})
    written = len(chat.dynamodb.calls)
    chat.stream_leases.release(lease)
    assert len(chat.dynamodb.calls) == written


async def test_a_table_error_does_not_end_a_stream(chat: FakeChat) -> None:
    lease = await opened_stream(chat)
    chat.clock.advance(20)
    chat.dynamodb.fail(WRITES, aws_error("ResourceNotFoundException"))
    await chat.stream_leases.check()
    assert not lease.lost
    await chat.stream_leases.check()
    assert lease.until == chat.now() + LEASE_S * 1000


async def test_a_slot_that_could_not_be_released_is_free_when_its_lease_ends(chat: FakeChat) -> None:
    lease = await opened_stream(chat)
    chat.dynamodb.fail(WRITES, aws_error("ResourceNotFoundException"))
    chat.stream_leases.release(lease)
    await until(lambda: not chat.stream_leases.slots(ANN))
    assert len(leases(chat)) == 1
    chat.clock.advance(LEASE_S)
    assert [await opened_stream(chat) for _ in range(6)]


async def test_the_loop_ends_after_all_leases_are_released(chat: FakeChat) -> None:
    stop = asyncio.Event()
    renewals = asyncio.create_task(chat.stream_leases.run(stop))
    lease = await opened_stream(chat)
    stop.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not renewals.done()
    chat.stream_leases.release(lease)
    await renewals
    assert leases(chat) == {}
