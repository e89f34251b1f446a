"""Claims a turn that has no runner: raises its attempt, and reads how far it has come."""

import asyncio
from dataclasses import replace

from services.chat.domain import Turn
from services.chat.leases.held_turn import HeldTurn
from services.chat.leases.renewer import LeaseRenewer
from services.chat.stream.replay import replay
from services.chat.tables import Store
from shared.llm.metering import InvocationRecorder


class TurnClaims:
    def __init__(self, store: Store, metering: InvocationRecorder, leases: LeaseRenewer) -> None:
        self._store = store
        self._metering = metering
        self._leases = leases

    async def claim(self, turn: Turn) -> HeldTurn | None:
        """Claim the turn and settle the invocations that its previous runner left open.

        Returns None when another process has claimed or changed the turn first.
        """
        claimed = await self._store.turns.claim(turn, self._leases.lease_until())
        if claimed is None:
            return None
        branch = self._store.messages.branch(turn.conversation_id)
        frames, rounds, question, head, record, opened = await asyncio.gather(
            self._store.log.after(turn.id, 0),
            self._store.rounds.of_turn(turn.id),
            branch.find(turn.user_message_id),
            self._store.conversations.get(turn.owner_id, turn.conversation_id),
            self._store.contexts.get(turn.id),
            self._store.invocations.of_turn(turn.id),
        )
        progress = replay(frames, rounds)
        invocations = await self._metering.settle_abandoned(
            opened, progress.unbilled, include_titles=turn.state == "running"
        )
        return HeldTurn(claimed, progress, question, branch, head, record, invocations, previous=turn)

    async def refresh(self, held: HeldTurn) -> HeldTurn | None:
        """Read the progress of a held turn again; None when it has ended or another process has claimed it."""
        turn = await self._store.turns.get(held.turn.id)
        if turn is None or turn.ended or turn.attempt != held.turn.attempt:
            return None
        progress = replay(await self._store.log.after(turn.id, 0), held.progress.rounds)
        return replace(held, progress=progress)
