"""What people may read of their own: messages and turns. What is another's, or deleted, is not there."""

from services.chat.domain import Message, Turn
from services.chat.tables import Store


class ConversationQueries:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def messages(self, conversation_id: str, limit: int, before: str | None) -> tuple[list[Message], str | None]:
        """A page of a conversation that the caller has been found to own, newest first."""
        return await self._store.messages.page(conversation_id, limit, before)

    async def turn(self, owner_id: str, turn_id: str) -> Turn | None:
        turn = await self._store.turns.get(turn_id)
        if turn is None or turn.owner_id != owner_id:
            return None
        head = await self._store.conversations.get(owner_id, turn.conversation_id)
        return None if head is None or head.deleted_at else turn
