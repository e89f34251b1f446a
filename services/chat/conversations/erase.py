"""Erases a deleted conversation: its turns and their logs, its messages with their bodies, and last its head."""

from typing import Final

from services.chat.adapters.turn_queue import COMMIT_GRACE_S, EraseConversation
from services.chat.tables import Store
from services.chat.turns.cancel import CancelTurn
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Postpone

_RETRY_S: Final = 2


class ConversationErasure:
    def __init__(self, store: Store, cancel_turn: CancelTurn, clock: Clock) -> None:
        self._store = store
        self._cancel_turn = cancel_turn
        self._clock = clock

    async def erase(self, command: EraseConversation) -> None:
        """Erase everything; repeating it is harmless. The head goes last, so that an interrupted erasure can go on.

        Raises Postpone while a turn still runs, and while the conversation is not marked as deleted yet.
        """
        head = await self._store.conversations.get(command.owner_id, command.conversation_id)
        if head is None:
            return
        if not head.deleted_at:  # the transaction that marks it failed, or is not committed yet
            if epoch_millis(self._clock.now()) - command.since < COMMIT_GRACE_S * 1000:
                raise Postpone(_RETRY_S)
            return
        running = [turn for turn in await self._store.turns.get_many(head.running_turns) if not turn.ended]
        for turn in running:
            if not (await self._cancel_turn.cancel(turn)).ended:
                raise Postpone(_RETRY_S)
        turn_ids = await self._store.messages.turn_ids(head.id)
        for turn_id in {*head.running_turns, *turn_ids}:
            await self._store.log.erase(turn_id)
            await self._store.turns.erase(turn_id)
        await self._store.messages.erase(head.id)
        await self._store.conversations.erase(head.owner_id, head.id)
