"""Cancels a turn: its runner stops it within a second; a turn without a runner is ended here."""

from typing import Final

from services.chat.domain import Turn
from services.chat.leases.renewer import LeaseRenewer
from services.chat.tables import Store
from services.chat.turns.supervisor import TurnSupervisor
from shared.clock import Clock, epoch_millis

_WAIT_S: Final = 2.0
_POLL_EVERY_S: Final = 0.1


class CancelTurn:
    def __init__(self, store: Store, leases: LeaseRenewer, supervisor: TurnSupervisor, clock: Clock) -> None:
        self._store = store
        self._leases = leases
        self._supervisor = supervisor
        self._clock = clock

    async def cancel(self, turn: Turn) -> Turn:
        """Return the turn as it is afterwards: usually ended; else its runner has been asked to stop.

        Waits for the runner for at most 2 s. A turn that has already ended is not changed.
        """
        flagged = None if turn.ended else await self._store.turns.request_cancel(turn.id)
        if flagged is None:
            return await self._store.turns.get(turn.id) or turn
        self._leases.notify_cancelled(turn.id)
        if not flagged.is_held(epoch_millis(self._clock.now())) and (ended := await self._supervisor.abandon(flagged)):
            return ended
        return await self._wait_until_ended(flagged)

    async def _wait_until_ended(self, turn: Turn) -> Turn:
        give_up_at = self._clock.monotonic() + _WAIT_S
        while not turn.ended and self._clock.monotonic() < give_up_at:
            await self._clock.sleep(_POLL_EVERY_S)
            turn = await self._store.turns.get(turn.id) or turn
        return turn
