"""Seats of open streams: given back at the end, renewed when they get old, lost when a process slept too long."""

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


async def begun(chat: FakeChat, who: Caller = ANN, *, here: bool = True) -> StreamLease:
    seat = await chat.seating.open(who)
    chat.seats.hold(seat, lambda: here)
    return seat


async def test_a_stream_costs_one_write_when_it_opens_and_one_when_it_ends(chat: FakeChat) -> None:
    seat = await begun(chat)
    assert leases(chat) == {seat.place: seat.until}
    chat.clock.advance(19)
    await chat.seats.look()
    chat.seats.leave(seat)
    await until(lambda: leases(chat) == {})
    chat.seats.leave(seat)
    assert chat.dynamodb.calls == [WRITES, WRITES]


async def test_an_old_stream_is_renewed_and_all_of_one_caller_together(chat: FakeChat) -> None:
    for who in (ANN, ANN, ANN):
        await begun(chat, who)
    await begun(chat, Caller("ann", "machine"))
    before = len(chat.dynamodb.calls)
    chat.clock.advance(20)
    await chat.seats.look()
    assert len(chat.dynamodb.calls) == before + 2
    assert set(leases(chat).values()) == {chat.now() + LEASE_S * 1000}
    await chat.seats.look()
    assert len(chat.dynamodb.calls) == before + 2


async def test_a_seat_that_is_lost_is_not_taken_back_and_not_given_back(chat: FakeChat) -> None:
    slept, kept = await begun(chat), await begun(chat)
    chat.clock.advance(LEASE_S)
    other = chat.beside()
    other.seating._first = slept.place
    taken = await begun(other)
    assert taken.place == slept.place
    await chat.seats.look()
    assert (slept.lost, kept.lost, taken.lost) == (True, False, False)
    await chat.seats.look()
    chat.seats.leave(slept)
    assert leases(chat) == {taken.place: taken.until, kept.place: kept.until}
    assert kept.until > chat.now()


async def test_a_stream_that_ends_after_its_seat_was_taken_leaves_it_to_the_other(chat: FakeChat) -> None:
    slept = await begun(chat)
    chat.clock.advance(LEASE_S)
    other = chat.beside()
    other.seating._first = slept.place
    taken = await begun(other)
    chat.seats.leave(slept)
    await until(lambda: not chat.seats.places(ANN))
    assert leases(chat) == {taken.place: taken.until}


async def test_a_client_that_has_gone_leaves_its_seat_before_its_stream_notices(chat: FakeChat) -> None:
    seat = await begun(chat, here=False)
    await chat.seats.look()
    await until(lambda: leases(chat) == {})
    written = len(chat.dynamodb.calls)
    chat.seats.leave(seat)
    assert len(chat.dynamodb.calls) == written


async def test_trouble_with_the_table_ends_no_stream(chat: FakeChat) -> None:
    seat = await begun(chat)
    chat.clock.advance(20)
    chat.dynamodb.fail(WRITES, aws_error("ResourceNotFoundException"))
    await chat.seats.look()
    assert not seat.lost
    await chat.seats.look()
    assert seat.until == chat.now() + LEASE_S * 1000


async def test_a_seat_that_could_not_be_given_back_is_free_when_its_lease_ends(chat: FakeChat) -> None:
    seat = await begun(chat)
    chat.dynamodb.fail(WRITES, aws_error("ResourceNotFoundException"))
    chat.seats.leave(seat)
    await until(lambda: not chat.seats.places(ANN))
    assert len(leases(chat)) == 1
    chat.clock.advance(LEASE_S)
    assert [await begun(chat) for _ in range(6)]


async def test_the_process_ends_when_all_seats_are_given_back(chat: FakeChat) -> None:
    stop = asyncio.Event()
    keeping = asyncio.create_task(chat.seats.run(stop))
    seat = await begun(chat)
    stop.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not keeping.done()
    chat.seats.leave(seat)
    await keeping
    assert leases(chat) == {}
