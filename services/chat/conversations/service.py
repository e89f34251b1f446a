"""What callers do with their own conversations: open, list, read, rename, delete.

A conversation or turn that belongs to somebody else, or that is deleted, is `not-found`.
"""

from collections.abc import AsyncIterator
from typing import Final

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.domain import Conversation, Message, Turn
from services.chat.events import ChatEvents
from services.chat.tables import Store
from shared.access import ConversationAccess
from shared.clock import Clock
from shared.identity import Principal
from shared.ids import Ids
from shared.persistence.requests import IdempotentRequest, Page, PageRequest
from shared.persistence.transactions import Conflict
from shared.problems import Problem, problem

_PAGE_SIZE: Final = 100  # conversations read at a time when all of them are deleted


class ConversationService:
    def __init__(self, store: Store, queue: TurnQueue, events: ChatEvents, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._queue = queue
        self._events = events
        self._clock = clock
        self._ids = ids

    async def open(self, principal: Principal, title: str | None, request: IdempotentRequest | None) -> Conversation:
        """Create a conversation; a repeated request gets the same one.

        Raises Problem: idempotency-key-reused; not-found when the request's conversation is deleted by now; conflict
        when the new id already exists.
        """

        async def create() -> Conversation:
            now = self._clock.now()
            head = Conversation(
                id=self._ids.new("conv"),
                owner_id=principal.subject,
                title=title or "",
                title_source="owner" if title else "default",
                created_at=now,
                updated_at=now,
            )
            uow = self._store.begin()
            uow.put("conversation", self._store.conversations.put_new(head))
            if request is not None:
                uow.put("idempotency", self._store.idempotency.record(request, head.id))
            uow.emit(self._events.conversation_created(head))
            await uow.commit()
            return head

        async def find(conversation_id: str) -> Conversation:
            return await self.get(principal, conversation_id)

        try:
            return await self._store.idempotency.create_once(request, find=find, create=create)
        except Conflict:
            raise problem("conflict") from None

    async def page(self, principal: Principal, request: PageRequest) -> Page[Conversation]:
        """Return a page of the caller's conversations, the latest activity first."""
        return await self._store.conversations.page(principal.subject, request)

    async def get(self, principal: Principal, conversation_id: str) -> Conversation:
        """Return the caller's conversation. Raises `not-found`."""
        head = await self._store.conversations.get(principal.subject, conversation_id)
        if head is None or head.deleted_at:
            raise problem("not-found")
        return head

    async def messages(self, principal: Principal, conversation_id: str, request: PageRequest) -> Page[Message]:
        """Return a page of the conversation's messages, newest first. Raises `not-found`."""
        head = await self.get(principal, conversation_id)
        return await self._store.messages.page(head.id, request)

    async def turn(self, principal: Principal, turn_id: str) -> Turn:
        """Return a turn of one of the caller's conversations. Raises `not-found`."""
        turn = await self._store.turns.get(turn_id)
        if turn is None or not ConversationAccess(turn.owner_id).may_read(principal):
            raise problem("not-found")
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        if head is None or head.deleted_at:
            raise problem("not-found")
        return turn

    async def rename(self, principal: Principal, conversation_id: str, title: str) -> Conversation:
        """Give the conversation a title of its owner's. Raises `not-found`."""
        head = await self.get(principal, conversation_id)
        renamed = head.renamed(title, "owner")
        uow = self._store.begin()
        uow.put("conversation", self._store.conversations.renamed(renamed))
        uow.emit(self._events.conversation_renamed(renamed))
        try:
            await uow.commit()
        except Conflict:
            raise problem("not-found") from None
        return renamed

    async def delete(self, principal: Principal, conversation_id: str) -> None:
        """Remove the conversation from every list at once; a queued command cancels its turns and erases it.

        Raises `not-found`.
        """
        head = await self.get(principal, conversation_id)
        await self._queue.erase(principal.subject, conversation_id)
        uow = self._store.begin()
        uow.put("conversation", self._store.conversations.marked_deleted(head, self._clock.now()))
        uow.emit(self._events.conversation_deleted(head))
        try:
            await uow.commit()
        except Conflict:
            raise problem("not-found") from None

    async def delete_all(self, principal: Principal) -> int:
        """Delete all conversations of the caller; return how many there were."""
        deleted = 0
        async for head in self._all(principal):
            try:
                await self.delete(principal, head.id)
                deleted += 1
            except Problem as error:
                if error.slug != "not-found":
                    raise
        return deleted

    async def _all(self, principal: Principal) -> AsyncIterator[Conversation]:
        while heads := (await self.page(principal, PageRequest(_PAGE_SIZE))).items:
            for head in heads:
                yield head
