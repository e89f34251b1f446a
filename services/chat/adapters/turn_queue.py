"""Commands that chat sends to itself: run this turn, see whether it still runs, erase this conversation.

They are sent before the transaction that makes them meaningful, so that no crash can come between: who is summoned to
a turn that does not exist looks again for a minute, then lets it be.
"""

from typing import Final

from shared.clock import Clock, epoch_millis
from shared.events.commands import Command, CommandQueue

UNKNOWN_FOR_S: Final = 60
"""How long a command may wait for its transaction."""


class RunTurn(Command):
    """Run this turn if nobody does. `since`: epoch ms of the first send."""

    command_type = "chat.turn.run"

    turn_id: str
    since: int


class CheckTurn(Command):
    """See whether this turn still runs. `since`: epoch ms of the first send."""

    command_type = "chat.turn.check"

    turn_id: str
    since: int


class EraseConversation(Command):
    """Erase this conversation once its turns have ended. `since`: epoch ms of the first send."""

    command_type = "chat.conversation.erase"

    conversation_id: str
    owner_id: str
    since: int


class TurnQueue:
    def __init__(self, turns: CommandQueue, watchdogs: CommandQueue, clock: Clock, *, lease_s: float) -> None:
        self._turns = turns
        self._watchdogs = watchdogs
        self._clock = clock
        self._lease_s = lease_s

    async def enqueue(self, turn_id: str) -> None:
        """Have the turn run now, by any process."""
        await self._turns.send(RunTurn(turn_id=turn_id, since=self._now()))

    async def schedule_check(self, turn_id: str) -> None:
        """Have a watchdog check, when the lease may have run out, whether the turn still runs."""
        await self._watchdogs.send(CheckTurn(turn_id=turn_id, since=self._now()), round(self._lease_s) + 1)

    async def erase(self, owner_id: str, conversation_id: str) -> None:
        command = EraseConversation(conversation_id=conversation_id, owner_id=owner_id, since=self._now())
        await self._turns.send(command)

    def _now(self) -> int:
        return epoch_millis(self._clock.now())
