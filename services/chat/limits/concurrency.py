"""Who may begin one more turn or open one more stream: so many of each at a time, whatever process they are in."""

import secrets
from typing import Final

from services.chat.domain.stream_lease import Caller, SlotUsage, StreamLease
from services.chat.limits.stream_leases import StreamLeases
from services.chat.settings import ChatSettings
from services.chat.tables import Store
from services.chat.tables.concurrency import slot_usage
from shared.clock import Clock, epoch_millis
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import problem

_TRIES: Final = 8
_COUNT: Final = "concurrency"  # name of the write that counts
NOBODY: Final = SlotUsage()


class ConcurrencyLimits:
    """A place is guessed and its refusal tells which are free: no read goes before the write.

    Each process begins its guesses somewhere else, so that the first one is right as a rule.
    """

    def __init__(self, store: Store, keeper: StreamLeases, settings: ChatSettings, clock: Clock) -> None:
        self._store = store
        self._keeper = keeper
        self._most_turns = settings.running_turns_limit
        self._most_streams = settings.open_streams_limit
        self._clock = clock
        self._first = secrets.randbelow(self._most_streams)

    async def open(self, occupant: Caller) -> StreamLease:
        """A seat for one more stream. Raises `too-many-streams`."""
        seat = await self._seated(occupant, None, self._store.begin(), stream=True)
        assert seat is not None  # noqa: S101 - it was asked for
        return seat

    async def begin(self, occupant: Caller, turn_id: str, uow: UnitOfWork, *, stream: bool) -> StreamLease | None:
        """Commit the start of a turn, counted, with a seat for its stream if it has one.

        Raises `too-many-turns`, `too-many-streams`, and Conflict when another condition of the commit fails.
        """
        return await self._seated(occupant, turn_id, uow, stream=stream)

    async def _seated(
        self, occupant: Caller, turn_id: str | None, uow: UnitOfWork, *, stream: bool
    ) -> StreamLease | None:
        known = NOBODY
        for _ in range(_TRIES):
            seat = await self._reserved(occupant, known) if stream else None
            now = epoch_millis(self._clock.now())
            try:
                taken = self._store.concurrency.taken(occupant, turn_id, self._most_turns, seat, now)
                await uow.replace(_COUNT, taken).commit()
            except BaseException as refused:
                if seat:
                    self._keeper.drop(seat)
                if not isinstance(refused, Conflict) or refused.names != {_COUNT}:
                    raise
                known = slot_usage(refused.item(_COUNT))
            else:
                return seat
            if turn_id and len(known.turns) >= self._most_turns:
                await self._forget_ended(occupant, known)
        raise problem("too-many-streams" if stream else "too-many-turns")

    async def _reserved(self, occupant: Caller, known: SlotUsage) -> StreamLease:
        place = self._free_place(occupant, known)
        if place is None and await self._keeper.vacated(occupant):
            place = self._free_place(occupant, NOBODY)
        if place is None:
            raise problem("too-many-streams")
        return self._keeper.reserve(occupant, place)

    def _free_place(self, occupant: Caller, known: SlotUsage) -> int | None:
        ours, now = self._keeper.places(occupant), epoch_millis(self._clock.now())
        every = ((self._first + step) % self._most_streams for step in range(self._most_streams))
        return next((place for place in every if place not in ours and known.is_free(place, now)), None)

    async def _forget_ended(self, occupant: Caller, known: SlotUsage) -> None:
        """Take out of the count what runs no more. Raises `too-many-turns` when all of it does."""
        running = {turn.id for turn in await self._store.turns.get_many(known.turns) if not turn.ended}
        ended = known.turns - running
        if not ended:
            raise problem("too-many-turns")
        uow = self._store.begin()
        uow.put(_COUNT, self._store.concurrency.turns_gone(occupant, ended))
        await uow.commit()
