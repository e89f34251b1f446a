"""Commands that chat sends to itself: run a turn, check whether it still runs, erase a conversation.

A command is sent before the transaction that it belongs to, so that no crash can lose it. A consumer that does not find
the turn, or the mark of the deletion, tries again for a minute and then drops the command.
"""

from typing import Final

from shared.clock import Clock, epoch_millis
from shared.events.commands import Command, CommandQueue

COMMIT_GRACE_S: Final = 60
"""How long a command waits for its transaction to be committed."""


class RunTurn(Command):
    """Run this turn unless a process runs it. `since`: epoch ms of the first send."""

    command_type = "chat.turn.run"

    turn_id: str
    since: int


class CheckTurn(Command):
    """Check whether a process runs this turn. `since`: epoch ms of the first send."""

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
    """Sends the commands: checks to the queue *watchdogs*, the others to *turns*."""

    def __init__(self, turns: CommandQueue, watchdogs: CommandQueue, clock: Clock, *, lease_s: float) -> None:
        self._turns = turns
        self._watchdogs = watchdogs
        self._clock = clock
        self._lease_s = lease_s

    async def enqueue(self, turn_id: str) -> None:
        """Have the turn run now, by any process."""
        await self._turns.send(RunTurn(turn_id=turn_id, since=self._now()))

    async def schedule_check(self, turn_id: str) -> None:
        """Have a watchdog check the turn when a lease that is taken now has run out."""
        await self._watchdogs.send(CheckTurn(turn_id=turn_id, since=self._now()), round(self._lease_s) + 1)

    async def erase(self, owner_id: str, conversation_id: str) -> None:
        """Have the conversation erased once it is marked as deleted and its turns have ended."""
        command = EraseConversation(conversation_id=conversation_id, owner_id=owner_id, since=self._now())
        await self._turns.send(command)

    def _now(self) -> int:
        return epoch_millis(self._clock.now())
