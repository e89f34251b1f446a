"""Leases of the turns that run in this process: renews them, and learns within a second which turns must stop.

One loop serves all turns, because the cost depends on the number of requests.
"""

import asyncio
from typing import Final, Literal, Protocol

import structlog

from services.chat.domain import Turn
from shared.aws.errors import AWS_ERRORS
from shared.clock import Clock, epoch_millis, unless_stopped

_log: Final = structlog.get_logger()
StopReason = Literal["cancelled", "lost", "handed over"]


class TurnTable(Protocol):
    async def get_many(self, turn_ids: list[str]) -> list[Turn]: ...

    async def renew(self, turn_id: str, attempt: int, lease_until: int) -> bool: ...


class HeldLease:
    """The lease of a turn that runs here. `stopped` is set once, with the reason, when the turn must stop running here.

    `renewed_at` is in seconds of the monotonic clock.
    """

    def __init__(self, turn: Turn, renewed_at: float) -> None:
        self.turn = turn
        self.renewed_at = renewed_at
        self.stopped: asyncio.Future[StopReason] = asyncio.get_running_loop().create_future()

    def stop(self, reason: StopReason) -> None:
        """Stop the turn; only the first reason counts."""
        if not self.stopped.done():
            self.stopped.set_result(reason)


class LeaseRenewer:
    def __init__(self, turns: TurnTable, clock: Clock, *, lease_s: float, poll_s: float) -> None:
        self._turns = turns
        self._clock = clock
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._held: dict[str, HeldLease] = {}

    def lease_until(self) -> int:
        """The end (epoch ms) of a lease that is taken or renewed now."""
        return epoch_millis(self._clock.now()) + round(self._lease_s * 1000)

    def hold(self, turn: Turn) -> HeldLease:
        """Renew the turn's lease from now on, until `release`."""
        lease = self._held[turn.id] = HeldLease(turn, self._clock.monotonic())
        return lease

    def release(self, lease: HeldLease) -> None:
        """Renew this lease no more; a later one of the same turn is not affected."""
        if self._held.get(lease.turn.id) is lease:
            del self._held[lease.turn.id]

    def notify_cancelled(self, turn_id: str) -> None:
        """Stop a turn that was cancelled by a request to this process; no effect if it runs elsewhere."""
        if lease := self._held.get(turn_id):
            lease.stop("cancelled")

    def hand_over(self) -> None:
        """Stop all turns of this process, because it shuts down and other processes must continue them."""
        for lease in self._held.values():
            lease.stop("handed over")

    async def run(self, stop: asyncio.Event) -> None:
        """Poll and renew until `stop` is set and no lease is held any more."""
        while not (stop.is_set() and not self._held):
            sleeping = self._clock.sleep(self._poll_s)
            # After `stop`, sleep without it: `unless_stopped` would return at once and the loop would spin.
            await (sleeping if stop.is_set() else unless_stopped(stop, sleeping))
            try:
                await self._poll()
                await self._renew()
            except AWS_ERRORS as error:
                _log.warning("leases.renew_failed", error=type(error).__name__)

    async def _poll(self) -> None:
        """Stop turns that were cancelled, have ended, or were claimed by another process."""
        if not self._held:
            return
        for turn in await self._turns.get_many(list(self._held)):
            if lease := self._held.get(turn.id):
                if turn.attempt != lease.turn.attempt or turn.ended:
                    lease.stop("lost")
                elif turn.cancel_requested:
                    lease.stop("cancelled")

    async def _renew(self) -> None:
        now = self._clock.monotonic()
        due = [lease for lease in self._held.values() if now - lease.renewed_at >= self._lease_s / 3]
        await asyncio.gather(*(self._renew_one(lease, now) for lease in due))

    async def _renew_one(self, lease: HeldLease, now: float) -> None:
        if await self._turns.renew(lease.turn.id, lease.turn.attempt, self.lease_until()):
            lease.renewed_at = now
        else:
            lease.stop("lost")
