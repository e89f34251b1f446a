"""Keeps the turns that run in this process: renews their leases and sees within a second who shall stop.

One loop for all of them, because the number of requests decides what this costs.
"""

import asyncio
from typing import Final, Literal, Protocol

import structlog

from services.chat.domain import Turn
from shared.aws.errors import AWS_ERRORS
from shared.clock import Clock, epoch_millis, unless_stopped

_log: Final = structlog.get_logger()
StopReason = Literal["cancelled", "lost", "handed over"]


class KnownTurns(Protocol):
    async def get_many(self, turn_ids: list[str]) -> list[Turn]: ...

    async def renew(self, turn_id: str, attempt: int, lease_until: int) -> bool: ...


class HeldLease:
    """A turn that runs here. `stopped` is set once, with the reason, when it shall run no more."""

    def __init__(self, turn: Turn, renewed_at: float) -> None:
        self.turn = turn
        self.renewed_at = renewed_at
        self.stopped: asyncio.Future[StopReason] = asyncio.get_running_loop().create_future()

    def stop(self, reason: StopReason) -> None:
        if not self.stopped.done():
            self.stopped.set_result(reason)


class LeaseRenewer:
    def __init__(self, turns: KnownTurns, clock: Clock, *, lease_s: float, poll_s: float) -> None:
        self._turns = turns
        self._clock = clock
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._kept: dict[str, HeldLease] = {}

    def lease_until(self) -> int:
        """Epoch ms until which a lease taken or renewed now holds."""
        return epoch_millis(self._clock.now()) + round(self._lease_s * 1000)

    def keep(self, turn: Turn) -> HeldLease:
        kept = self._kept[turn.id] = HeldLease(turn, self._clock.monotonic())
        return kept

    def release(self, kept: HeldLease) -> None:
        if self._kept.get(kept.turn.id) is kept:
            del self._kept[kept.turn.id]

    def notify_cancelled(self, turn_id: str) -> None:
        """Somebody asked in this very process that the turn be cancelled."""
        if kept := self._kept.get(turn_id):
            kept.stop("cancelled")

    def hand_over(self) -> None:
        """The process is to end: everything that still runs in it shall go on elsewhere."""
        for kept in self._kept.values():
            kept.stop("handed over")

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set and no turn runs any more."""
        while not (stop.is_set() and not self._kept):
            sleeping = self._clock.sleep(self._poll_s)
            await (sleeping if stop.is_set() else unless_stopped(stop, sleeping))  # who is to end waits for nothing
            try:
                await self._look()
                await self._renew()
            except AWS_ERRORS as error:
                _log.warning("leases.renew_failed", error=type(error).__name__)

    async def _look(self) -> None:
        if not self._kept:
            return
        for turn in await self._turns.get_many(list(self._kept)):
            if kept := self._kept.get(turn.id):
                if turn.attempt != kept.turn.attempt or turn.ended:
                    kept.stop("lost")
                elif turn.cancel_requested:
                    kept.stop("cancelled")

    async def _renew(self) -> None:
        now = self._clock.monotonic()
        due = [kept for kept in self._kept.values() if now - kept.renewed_at >= self._lease_s / 3]
        await asyncio.gather(*(self._renew_one(kept, now) for kept in due))

    async def _renew_one(self, kept: HeldLease, now: float) -> None:
        if await self._turns.renew(kept.turn.id, kept.turn.attempt, self.lease_until()):
            kept.renewed_at = now
        else:
            kept.stop("lost")
