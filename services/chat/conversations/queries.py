"""What people may read of their own: messages and turns. What is another's, or deleted, is not there."""

from services.chat.domain import Message, Turn
from services.chat.tables import Store
from shared.access import ConversationAccess
from shared.identity import Principal
from shared.persistence.requests import Page, PageRequest
from shared.problems import problem


class ConversationQueries:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def messages(self, conversation_id: str, request: PageRequest) -> Page[Message]:
        """A page of a conversation that the caller has been found to own, newest first."""
        return await self._store.messages.page(conversation_id, request)

    async def turn(self, principal: Principal, turn_id: str) -> Turn:
        """Raises `not-found` for a turn of somebody else, or of a deleted conversation."""
        turn = await self._store.turns.get(turn_id)
        if turn is None or not ConversationAccess(turn.owner_id).may_read(principal):
            raise problem("not-found")
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        if head is None or head.deleted_at:
            raise problem("not-found")
        return turn
