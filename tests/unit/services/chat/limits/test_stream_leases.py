"""Stream leases: released at the end, renewed when they get old, lost when a process slept too long."""

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


async def opened_stream(chat: FakeChat, who: Caller = ANN, *, connected: bool = True) -> StreamLease:
    lease = await chat.concurrency.open_stream(who)
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


async def test_old_leases_are_renewed_all_of_one_caller_together(chat: FakeChat) -> None:
    for who in (ANN, ANN, ANN):
        await opened_stream(chat, who)
    await opened_stream(chat, Caller("ann", "machine"))
    before = len(chat.dynamodb.calls)
    chat.clock.advance(20)
    await chat.stream_leases.check()
    assert len(chat.dynamodb.calls) == before + 2
    assert set(leases(chat).values()) == {chat.now() + LEASE_S * 1000}
    await chat.stream_leases.check()
    assert len(chat.dynamodb.calls) == before + 2


async def test_a_lost_lease_is_neither_renewed_nor_released(chat: FakeChat) -> None:
    slept, awake = await opened_stream(chat), await opened_stream(chat)
    chat.clock.advance(LEASE_S)
    other = chat.other_process()
    other.concurrency._first_slot = slept.slot
    taken = await opened_stream(other)
    assert taken.slot == slept.slot
    await chat.stream_leases.check()
    assert (slept.lost, awake.lost, taken.lost) == (True, False, False)
    await chat.stream_leases.check()
    chat.stream_leases.release(slept)
    assert leases(chat) == {taken.slot: taken.until, awake.slot: awake.until}
    assert awake.until > chat.now()


async def test_releasing_a_lease_that_was_taken_does_not_affect_the_new_one(chat: FakeChat) -> None:
    slept = await opened_stream(chat)
    chat.clock.advance(LEASE_S)
    other = chat.other_process()
    other.concurrency._first_slot = slept.slot
    taken = await opened_stream(other)
    chat.stream_leases.release(slept)
    await until(lambda: not chat.stream_leases.slots(ANN))
    assert leases(chat) == {taken.slot: taken.until}


async def test_the_lease_of_a_disconnected_client_is_released_before_its_stream_ends(chat: FakeChat) -> None:
    lease = await opened_stream(chat, connected=False)
    await chat.stream_leases.check()
    await until(lambda: leases(chat) == {})
    written = len(chat.dynamodb.calls)
    chat.stream_leases.release(lease)
    assert len(chat.dynamodb.calls) == written


async def test_an_error_of_the_table_ends_no_stream(chat: FakeChat) -> None:
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


async def test_the_loop_ends_when_all_leases_are_released(chat: FakeChat) -> None:
    stop = asyncio.Event()
    keeping = asyncio.create_task(chat.stream_leases.run(stop))
    lease = await opened_stream(chat)
    stop.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not keeping.done()
    chat.stream_leases.release(lease)
    await keeping
    assert leases(chat) == {}
