"""Takes a turn that nobody runs: raises its attempt, and finds out what it has said, done and cost so far."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.chat.domain import Conversation, Invocation, Message, Turn
from services.chat.llm.metering import InvocationRecorder
from services.chat.stream.replay import TurnProgress, replay
from services.chat.tables import BranchReader, Store
from services.chat.turns.leases import LeaseRenewer


@dataclass(frozen=True)
class ClaimedTurn:
    """A turn that is this process's now. `seen`: as it was before. `spent`: its settled invocations, titles left out.

    `question`: the user's message, None when it is erased. `branch` has read the page that begins with it.
    Whoever ran it before may still say one frame more, until the next one of this attempt is in the log.
    """

    turn: Turn
    seen: Turn
    progress: TurnProgress
    spent: Sequence[Invocation]
    question: Message | None
    branch: BranchReader
    head: Conversation | None

    @property
    def broke_off(self) -> bool:
        """Its runner died, or was told to go; it neither waited for a runner nor for tools."""
        return self.seen.state == "running" and self.seen.attempt > 0

    @property
    def is_erased(self) -> bool:
        """Its conversation was deleted, or is already gone: the turn is only to end."""
        deleted = self.head is None or self.head.deleted_at is not None
        return deleted or self.question is None


class TurnClaims:
    def __init__(self, store: Store, paying: InvocationRecorder, keeper: LeaseRenewer) -> None:
        self._store = store
        self._paying = paying
        self._keeper = keeper

    async def take(self, turn: Turn) -> ClaimedTurn | None:
        """None when somebody else was faster."""
        claimed = await self._store.turns.claim(turn, self._keeper.lease_until())
        if claimed is None:
            return None
        branch = self._store.messages.branch(turn.conversation_id)
        frames, rounds, question, head = await asyncio.gather(
            self._store.log.after(turn.id, 0),
            self._store.rounds.of_turn(turn.id),
            branch.find(turn.user_message_id),
            self._store.conversations.get(turn.owner_id, turn.conversation_id),
        )
        progress = replay(frames, rounds)
        spent = await self._paying.settle_abandoned(turn.id, progress.unbilled, include_titles=turn.state == "running")
        return ClaimedTurn(claimed, turn, progress, spent, question, branch, head)

    async def look_again(self, taken: ClaimedTurn) -> TurnProgress | None:
        """What has been said by now; None when the turn is somebody else's meanwhile, or has ended."""
        turn = await self._store.turns.get(taken.turn.id)
        if turn is None or turn.ended or turn.attempt != taken.turn.attempt:
            return None
        return replay(await self._store.log.after(turn.id, 0), taken.progress.rounds)
