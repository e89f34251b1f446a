"""Conversations as their owner handles them: open, list, rename, delete."""

from collections.abc import AsyncIterator

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.conversations.rename import rename
from services.chat.domain import Conversation
from services.chat.events import ChatEvents
from services.chat.tables import Cancelled, PageOfHeads, Store
from shared.clock import Clock
from shared.http import Problem, problem
from shared.ids import Ids
from shared.persistence.idempotency import IdempotentRequest, KeyReusedError

_PAGE = 100


class ConversationService:
    def __init__(self, store: Store, summons: TurnQueue, teller: ChatEvents, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._summons = summons
        self._teller = teller
        self._clock = clock
        self._ids = ids

    async def open(self, owner_id: str, title: str | None, once: IdempotentRequest | None) -> Conversation:
        """A new conversation; the same one again under the same key."""
        if earlier := await self._earlier(owner_id, once):
            return earlier
        now = self._clock.now()
        head = Conversation(
            id=self._ids.new("conv"),
            owner_id=owner_id,
            title=title or "",
            title_source="owner" if title else "default",
            created_at=now,
            updated_at=now,
        )
        writes = [self._store.conversations.put_new(head)]
        if once is not None:
            writes.append(self._store.idempotency.put_new(once, head.id))
        try:
            await self._store.commit(writes, [self._teller.conversation_created(head)])
        except Cancelled:
            if earlier := await self._earlier(owner_id, once):
                return earlier
            raise problem("conflict") from None
        return head

    async def page(self, owner_id: str, limit: int, before: str | None) -> PageOfHeads:
        return await self._store.conversations.page(owner_id, limit, before)

    async def get(self, owner_id: str, conversation_id: str) -> Conversation:
        """Raises `not-found` for what is deleted or another's."""
        head = await self._store.conversations.get(owner_id, conversation_id)
        if head is None or head.deleted_at:
            raise problem("not-found")
        return head

    async def rename(self, owner_id: str, conversation_id: str, title: str) -> Conversation:
        head = await self.get(owner_id, conversation_id)
        renamed = await rename(self._store, self._teller, head, title, "owner")
        if renamed is None:
            raise problem("not-found")
        return renamed

    async def delete(self, owner_id: str, conversation_id: str) -> None:
        """Gone from every list at once; its turns are cancelled, and it is erased when they have ended."""
        head = await self.get(owner_id, conversation_id)
        await self._summons.erase(owner_id, conversation_id)
        try:
            await self._store.commit(
                [self._store.conversations.marked_deleted(head, self._clock.now())],
                [self._teller.conversation_deleted(head)],
            )
        except Cancelled:
            raise problem("not-found") from None

    async def delete_all(self, owner_id: str) -> int:
        """All that there are at this moment; how many that were."""
        deleted = 0
        async for head in self._all(owner_id):
            try:
                await self.delete(owner_id, head.id)
                deleted += 1
            except Problem as gone:
                if gone.slug != "not-found":
                    raise
        return deleted

    async def _all(self, owner_id: str) -> AsyncIterator[Conversation]:
        while heads := (await self._store.conversations.page(owner_id, _PAGE, None)).items:
            for head in heads:
                yield head

    async def _earlier(self, owner_id: str, once: IdempotentRequest | None) -> Conversation | None:
        if once is None:
            return None
        try:
            made = await self._store.idempotency.made(once)
        except KeyReusedError:
            raise problem("idempotency-key-reused") from None
        return await self.get(owner_id, made) if made else None
