"""Concurrency limits: how many running turns and open streams a caller may have, counted over all processes."""

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

_ATTEMPTS: Final = 8
_COUNT: Final = "concurrency"  # name of the write that counts
_NOTHING_KNOWN: Final = SlotUsage()


class ConcurrencyLimits:
    """Takes slots optimistically: it writes to one without a prior read; a conflict returns which slots are free.

    Each process begins with a random slot, so that the first attempt usually succeeds.
    """

    def __init__(self, store: Store, leases: StreamLeases, settings: ChatSettings, clock: Clock) -> None:
        self._store = store
        self._leases = leases
        self._most_turns = settings.running_turns_limit
        self._most_streams = settings.open_streams_limit
        self._clock = clock
        self._first_slot = secrets.randbelow(self._most_streams)

    async def open_stream(self, caller: Caller) -> StreamLease:
        """Lease a slot for one more stream. Raises `too-many-streams`."""
        lease = await self._commit(caller, None, self._store.begin(), stream=True)
        assert lease is not None  # noqa: S101 - `stream=True` asks for it
        return lease

    async def start_turn(self, caller: Caller, turn_id: str, uow: UnitOfWork, *, stream: bool) -> StreamLease | None:
        """Commit the start of a turn, count the turn, and lease a slot for its stream if `stream`.

        Raises `too-many-turns`, `too-many-streams`, and Conflict when another condition of the commit fails.
        """
        return await self._commit(caller, turn_id, uow, stream=stream)

    async def _commit(
        self, caller: Caller, turn_id: str | None, uow: UnitOfWork, *, stream: bool
    ) -> StreamLease | None:
        usage = _NOTHING_KNOWN
        for _ in range(_ATTEMPTS):
            lease = await self._reserve(caller, usage) if stream else None
            now = epoch_millis(self._clock.now())
            try:
                write = self._store.concurrency.take(caller, turn_id, self._most_turns, lease, now)
                await uow.replace(_COUNT, write).commit()
            except BaseException as error:
                if lease:
                    self._leases.forget(lease)
                if not isinstance(error, Conflict) or error.names != {_COUNT}:
                    raise
                usage = slot_usage(error.item(_COUNT))
            else:
                return lease
            if turn_id and len(usage.turns) >= self._most_turns:
                await self._remove_ended(caller, usage)
        raise problem("too-many-streams" if stream else "too-many-turns")

    async def _reserve(self, caller: Caller, usage: SlotUsage) -> StreamLease:
        slot = self._free_slot(caller, usage)
        if slot is None and await self._leases.release_closed(caller):
            slot = self._free_slot(caller, _NOTHING_KNOWN)
        if slot is None:
            raise problem("too-many-streams")
        return self._leases.reserve(caller, slot)

    def _free_slot(self, caller: Caller, usage: SlotUsage) -> int | None:
        own, now = self._leases.slots(caller), epoch_millis(self._clock.now())
        slots = ((self._first_slot + step) % self._most_streams for step in range(self._most_streams))
        return next((slot for slot in slots if slot not in own and usage.is_free(slot, now)), None)

    async def _remove_ended(self, caller: Caller, usage: SlotUsage) -> None:
        """Remove turns that have ended, or are erased, from the count. Raises `too-many-turns` if none has."""
        running = {turn.id for turn in await self._store.turns.get_many(usage.turns) if not turn.ended}
        ended = usage.turns - running
        if not ended:
            raise problem("too-many-turns")
        uow = self._store.begin()
        uow.put(_COUNT, self._store.concurrency.remove_turns(caller, ended))
        await uow.commit()
