"""Stops a turn, whoever runs it and whoever is asked."""

from services.chat.domain import Turn
from services.chat.tables import Store
from services.chat.turns.leases import LeaseRenewer
from services.chat.turns.supervisor import TurnSupervisor
from shared.clock import Clock, epoch_millis

_WAIT_S = 2.0
_LOOK_EVERY_S = 0.1


class CancelTurn:
    def __init__(self, store: Store, keeper: LeaseRenewer, watching: TurnSupervisor, clock: Clock) -> None:
        self._store = store
        self._keeper = keeper
        self._watching = watching
        self._clock = clock

    async def cancel(self, turn: Turn) -> Turn:
        """The turn as it is then: ended as a rule, else with its runner told to stop.

        A turn that nobody runs is ended here; one that has ended already is left as it is.
        """
        flagged = None if turn.ended else await self._store.turns.request_cancel(turn.id)
        if flagged is None:
            return await self._store.turns.get(turn.id) or turn
        self._keeper.notify_cancelled(turn.id)
        if flagged.lease_until <= epoch_millis(self._clock.now()) and (ended := await self._watching.abandon(flagged)):
            return ended
        return await self._until_ended(flagged)

    async def _until_ended(self, turn: Turn) -> Turn:
        patience_ends = self._clock.monotonic() + _WAIT_S
        while not turn.ended and self._clock.monotonic() < patience_ends:
            await self._clock.sleep(_LOOK_EVERY_S)
            turn = await self._store.turns.get(turn.id) or turn
        return turn
