"""Stream leases of this process: releases them when streams close, and renews those of long streams.

One loop serves all streams. A usual answer ends before its lease must be renewed, so it costs no renewal.
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
_CHECK_EVERY_S: Final = 1.0
_RENEWALS_AT_ONCE: Final = 8

IsOpen = Callable[[], bool]
"""Whether the client of a stream is still connected."""


class StreamLeases:
    def __init__(self, store: Store, clock: Clock, *, lease_s: float) -> None:
        self._store = store
        self._clock = clock
        self._lease_ms = round(lease_s * 1000)
        self._leases: defaultdict[Caller, dict[int, StreamLease]] = defaultdict(dict)
        self._watched: dict[StreamLease, IsOpen] = {}
        self._releasing: dict[asyncio.Task[None], Caller] = {}

    def slots(self, caller: Caller) -> frozenset[int]:
        """The slots that streams of this process hold, or try to take."""
        return frozenset(self._leases[caller]) if caller in self._leases else frozenset()

    def reserve(self, caller: Caller, slot: int) -> StreamLease:
        """Reserve a slot within this process, so that no other stream of this process tries to take it."""
        lease = StreamLease(caller, slot, epoch_millis(self._clock.now()) + self._lease_ms)
        self._leases[caller][slot] = lease
        return lease

    def forget(self, lease: StreamLease) -> None:
        """Forget a lease that could not be taken, is lost, or was released."""
        self._watched.pop(lease, None)
        slots = self._leases.get(lease.caller, {})
        if slots.get(lease.slot) is lease:
            del slots[lease.slot]
        if not slots:
            self._leases.pop(lease.caller, None)

    def watch(self, lease: StreamLease, is_open: IsOpen) -> None:
        """Renew the lease until `release` is called or `is_open` returns False."""
        self._watched[lease] = is_open

    def release(self, lease: StreamLease) -> None:
        """Release the lease in the background; a second call has no effect."""
        if self._watched.pop(lease, None):
            task = asyncio.create_task(self._release(lease), name="stream lease")
            self._releasing[task] = lease.caller
            task.add_done_callback(self._releasing.pop)

    async def release_closed(self, caller: Caller) -> bool:
        """Release the caller's leases whose clients are gone, and wait for it. Returns whether one was released."""
        for lease in list(self._leases.get(caller, {}).values()):
            if (is_open := self._watched.get(lease)) and not is_open():
                self.release(lease)
        releasing = [task for task, each in self._releasing.items() if each == caller]
        if releasing:
            await asyncio.wait(releasing)
        return bool(releasing)

    async def run(self, stop: asyncio.Event) -> None:
        """Check leases every second until `stop` is set and every lease has been released."""
        while not (stop.is_set() and not self._watched):
            sleeping = self._clock.sleep(_CHECK_EVERY_S)
            # After `stop`, sleep without it: `unless_stopped` would return at once and the loop would spin.
            await (sleeping if stop.is_set() else unless_stopped(stop, sleeping))
            await self.check()
        if self._releasing:
            await asyncio.wait(set(self._releasing))

    async def check(self) -> None:
        """Release the leases of clients that are gone; renew leases in the last third of their time."""
        for lease in [lease for lease, is_open in self._watched.items() if not is_open()]:
            self.release(lease)
        now = epoch_millis(self._clock.now())
        due: defaultdict[Caller, list[StreamLease]] = defaultdict(list)
        for lease in self._watched:
            if lease.until - now <= self._lease_ms / 3:
                due[lease.caller].append(lease)
        limit = asyncio.Semaphore(_RENEWALS_AT_ONCE)
        await asyncio.gather(*(self._renew(leases, now + self._lease_ms, limit) for leases in due.values()))

    async def _renew(self, leases: list[StreamLease], until: int, limit: asyncio.Semaphore) -> None:
        try:
            async with limit:
                await self._commit(self._store.concurrency.renew(leases, until))
        except Conflict as conflict:
            stored = slot_usage(conflict.item(_LEASES)).leases
            for lease in leases:
                if stored.get(lease.slot) != lease.until:
                    lease.lost = True
                    self.forget(lease)
        except AWS_ERRORS as error:
            _log.warning("stream_leases.renew_failed", error=type(error).__name__)
        else:
            for lease in leases:
                lease.until = until

    async def _release(self, lease: StreamLease) -> None:
        try:
            await self._commit(self._store.concurrency.release(lease))
        except Conflict:
            pass  # the lease had run out, and another stream has the slot
        except AWS_ERRORS as error:  # the slot becomes free when the lease runs out
            _log.warning("stream_lease.release_failed", error=type(error).__name__)
        finally:
            self.forget(lease)

    async def _commit(self, write: Write) -> None:
        uow = self._store.begin()
        uow.put(_LEASES, write)
        await uow.commit()
