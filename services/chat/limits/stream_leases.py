"""Keeps the seats of the streams that are open in this process: gives them back, and renews the leases of old ones.

One loop for all of them. A stream of an ordinary answer costs no renewal: it has ended before its lease gets old.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from services.chat.domain.stream_lease import Caller, StreamLease
from services.chat.tables import Store
from services.chat.tables.concurrency import slot_usage
from shared.aws.errors import AWS_ERRORS
from shared.clock import Clock, epoch_millis, unless_stopped
from shared.persistence.transactions import Conflict, Write

_log: Final = structlog.get_logger()
_LEASES: Final = "leases"  # name of the write
_LOOK_EVERY_S: Final = 1.0
_RENEWALS_AT_ONCE: Final = 8

IsOpen = Callable[[], bool]
"""Whether the client of a stream is still there."""


class StreamLeases:
    def __init__(self, store: Store, clock: Clock, *, lease_s: float) -> None:
        self._store = store
        self._clock = clock
        self._lease_ms = round(lease_s * 1000)
        self._seats: defaultdict[Caller, dict[int, StreamLease]] = defaultdict(dict)
        self._watched: dict[StreamLease, IsOpen] = {}
        self._leaving: dict[asyncio.Task[None], Caller] = {}

    def places(self, occupant: Caller) -> frozenset[int]:
        """Places that streams of this process have, or try to get."""
        return frozenset(self._seats[occupant]) if occupant in self._seats else frozenset()

    def reserve(self, occupant: Caller, place: int) -> StreamLease:
        """Nobody else in this process tries for it any more."""
        seat = StreamLease(occupant, place, epoch_millis(self._clock.now()) + self._lease_ms)
        self._seats[occupant][place] = seat
        return seat

    def drop(self, seat: StreamLease) -> None:
        """It was not to be had, or is lost."""
        self._watched.pop(seat, None)
        places = self._seats.get(seat.occupant, {})
        if places.get(seat.place) is seat:
            del places[seat.place]
        if not places:
            self._seats.pop(seat.occupant, None)

    def hold(self, seat: StreamLease, is_open: IsOpen) -> None:
        """A stream is open, until its end is told by `leave` or its client is seen to have gone."""
        self._watched[seat] = is_open

    def leave(self, seat: StreamLease) -> None:
        """Give it back, beside everything else; a second time changes nothing."""
        if self._watched.pop(seat, None):
            task = asyncio.create_task(self._left(seat), name="seat")
            self._leaving[task] = seat.occupant
            task.add_done_callback(self._leaving.pop)

    async def vacated(self, occupant: Caller) -> bool:
        """Whether a seat of the occupant in this process has just become free."""
        for seat in list(self._seats.get(occupant, {}).values()):
            if (is_open := self._watched.get(seat)) and not is_open():
                self.leave(seat)
        leaving = [task for task, whose in self._leaving.items() if whose == occupant]
        if leaving:
            await asyncio.wait(leaving)
        return bool(leaving)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set and every seat has been given back."""
        while not (stop.is_set() and not self._watched):
            sleeping = self._clock.sleep(_LOOK_EVERY_S)
            await (sleeping if stop.is_set() else unless_stopped(stop, sleeping))  # who is to end waits for nothing
            await self.look()
        if self._leaving:
            await asyncio.wait(set(self._leaving))

    async def look(self) -> None:
        """Give back the seats of clients that have gone; renew what gets old."""
        for seat in [seat for seat, is_open in self._watched.items() if not is_open()]:
            self.leave(seat)
        now = epoch_millis(self._clock.now())
        due: defaultdict[Caller, list[StreamLease]] = defaultdict(list)
        for seat in self._watched:
            if seat.until - now <= self._lease_ms / 3:
                due[seat.occupant].append(seat)
        few = asyncio.Semaphore(_RENEWALS_AT_ONCE)
        await asyncio.gather(*(self._renew(seats, now + self._lease_ms, few) for seats in due.values()))

    async def _renew(self, seats: list[StreamLease], until: int, few: asyncio.Semaphore) -> None:
        try:
            async with few:
                await self._commit(self._store.concurrency.renewed(seats, until))
        except Conflict as conflict:
            leases = slot_usage(conflict.item(_LEASES)).leases
            for seat in seats:
                if leases.get(seat.place) != seat.until:
                    seat.lost = True
                    self.drop(seat)
        except AWS_ERRORS as error:
            _log.warning("stream_leases.renew_failed", error=type(error).__name__)
        else:
            for seat in seats:
                seat.until = until

    async def _left(self, seat: StreamLease) -> None:
        try:
            await self._commit(self._store.concurrency.left(seat))
        except Conflict:
            pass  # its lease had run out
        except AWS_ERRORS as error:  # its lease will run out
            _log.warning("stream_lease.release_failed", error=type(error).__name__)
        finally:
            self.drop(seat)

    async def _commit(self, write: Write) -> None:
        uow = self._store.begin()
        uow.put(_LEASES, write)
        await uow.commit()
