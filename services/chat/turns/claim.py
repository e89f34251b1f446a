"""Claims a turn that has no runner: raises its attempt, and reads its progress and its invocations so far."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.chat.domain import Conversation, Message, Turn
from services.chat.stream.replay import TurnProgress, replay
from services.chat.tables import BranchReader, Store
from services.chat.turns.leases import LeaseRenewer
from shared.llm.invocation import Invocation
from shared.llm.metering import InvocationRecorder


@dataclass(frozen=True)
class ClaimedTurn:
    """A turn that this process holds now. `previous`: the turn before the claim.

    `invocations`: its settled invocations, without those for titles. `question`: the user's message; None when it is
    erased. `branch` has read the page that begins with the question. The previous runner may still write one frame,
    until the first frame of this attempt is in the log.
    """

    turn: Turn
    previous: Turn
    progress: TurnProgress
    invocations: Sequence[Invocation]
    question: Message | None
    branch: BranchReader
    head: Conversation | None

    @property
    def was_interrupted(self) -> bool:
        """Whether its previous runner died or handed it over; not if it waited for its first runner, or for tools."""
        return self.previous.state == "running" and not self.previous.was_never_run

    @property
    def is_erased(self) -> bool:
        """Whether its conversation is deleted or erased, so that the turn can only be ended."""
        deleted = self.head is None or self.head.deleted_at is not None
        return deleted or self.question is None


class TurnClaims:
    def __init__(self, store: Store, metering: InvocationRecorder, leases: LeaseRenewer) -> None:
        self._store = store
        self._metering = metering
        self._leases = leases

    async def claim(self, turn: Turn) -> ClaimedTurn | None:
        """Claim the turn and settle the invocations that its previous runner left open.

        Returns None when another process has claimed or changed the turn first.
        """
        claimed = await self._store.turns.claim(turn, self._leases.lease_until())
        if claimed is None:
            return None
        branch = self._store.messages.branch(turn.conversation_id)
        frames, rounds, question, head, opened = await asyncio.gather(
            self._store.log.after(turn.id, 0),
            self._store.rounds.of_turn(turn.id),
            branch.find(turn.user_message_id),
            self._store.conversations.get(turn.owner_id, turn.conversation_id),
            self._store.invocations.of_turn(turn.id),
        )
        progress = replay(frames, rounds)
        invocations = await self._metering.settle_abandoned(
            opened, progress.unbilled, include_titles=turn.state == "running"
        )
        return ClaimedTurn(claimed, turn, progress, invocations, question, branch, head)

    async def refresh(self, claimed: ClaimedTurn) -> ClaimedTurn | None:
        """Read the progress of a claimed turn again; None when it has ended or another process has claimed it."""
        turn = await self._store.turns.get(claimed.turn.id)
        if turn is None or turn.ended or turn.attempt != claimed.turn.attempt:
            return None
        progress = replay(await self._store.log.after(turn.id, 0), claimed.progress.rounds)
        return replace(claimed, progress=progress)
