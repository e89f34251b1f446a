"""Erases what a deleted conversation leaves: messages, bodies, turns and their logs, and last the head."""

from services.chat.adapters.turn_queue import COMMIT_GRACE_S, EraseConversation
from services.chat.tables import Store
from services.chat.turns.cancel import CancelTurn
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Postpone

_AGAIN_S = 2


class ConversationErasure:
    def __init__(self, store: Store, cancelling: CancelTurn, clock: Clock) -> None:
        self._store = store
        self._cancelling = cancelling
        self._clock = clock

    async def erase(self, summoned: EraseConversation) -> None:
        """Once and for all; again changes nothing. Raises Postpone while a turn still runs."""
        head = await self._store.conversations.get(summoned.owner_id, summoned.conversation_id)
        if head is None:
            return
        if not head.deleted_at:  # the mark was not written, or not yet
            if epoch_millis(self._clock.now()) - summoned.since < COMMIT_GRACE_S * 1000:
                raise Postpone(_AGAIN_S)
            return
        running = [turn for turn in await self._store.turns.get_many(head.running_turns) if not turn.ended]
        for turn in running:
            if not (await self._cancelling.cancel(turn)).ended:
                raise Postpone(_AGAIN_S)
        answered = await self._store.messages.turn_ids(head.id)
        for turn_id in {*head.running_turns, *answered}:
            await self._store.log.erase(turn_id)
            await self._store.turns.erase(turn_id)
        await self._store.messages.erase(head.id)
        await self._store.conversations.erase(head.owner_id, head.id)
