"""Conversations as their owner handles them: open, list, rename, delete."""

from collections.abc import AsyncIterator

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.domain import Conversation
from services.chat.events import ChatEvents
from services.chat.tables import Store
from shared.clock import Clock
from shared.identity import Principal
from shared.ids import Ids
from shared.persistence.requests import IdempotentRequest, Page, PageRequest
from shared.persistence.transactions import Conflict
from shared.problems import Problem, problem

_PAGE = 100


class ConversationService:
    def __init__(self, store: Store, summons: TurnQueue, events: ChatEvents, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._summons = summons
        self._events = events
        self._clock = clock
        self._ids = ids

    async def open(self, principal: Principal, title: str | None, request: IdempotentRequest | None) -> Conversation:
        """Create a conversation; a repeated request gets the same one. Raises `idempotency-key-reused`."""

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
        """The caller's conversations, the latest activity first."""
        return await self._store.conversations.page(principal.subject, request)

    async def get(self, principal: Principal, conversation_id: str) -> Conversation:
        """Raises `not-found` for what is deleted or another's."""
        head = await self._store.conversations.get(principal.subject, conversation_id)
        if head is None or head.deleted_at:
            raise problem("not-found")
        return head

    async def rename(self, principal: Principal, conversation_id: str, title: str) -> Conversation:
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
        """Gone from every list at once; its turns are cancelled, and it is erased when they have ended."""
        head = await self.get(principal, conversation_id)
        await self._summons.erase(principal.subject, conversation_id)
        uow = self._store.begin()
        uow.put("conversation", self._store.conversations.marked_deleted(head, self._clock.now()))
        uow.emit(self._events.conversation_deleted(head))
        try:
            await uow.commit()
        except Conflict:
            raise problem("not-found") from None

    async def delete_all(self, principal: Principal) -> int:
        """All that there are at this moment; how many that were."""
        deleted = 0
        async for head in self._all(principal):
            try:
                await self.delete(principal, head.id)
                deleted += 1
            except Problem as gone:
                if gone.slug != "not-found":
                    raise
        return deleted

    async def _all(self, principal: Principal) -> AsyncIterator[Conversation]:
        while heads := (await self.page(principal, PageRequest(_PAGE))).items:
            for head in heads:
                yield head
