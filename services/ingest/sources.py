"""Use cases of knowledge sources: register, list, read, remove. No source is crawled yet.

All raise `not-found` for a bot that the caller may not edit, that is deleted, or whose events have not arrived yet.
"""

from services.ingest.domain import SOURCES_PER_BOT, Definition, KnownBot, Source
from services.ingest.tables import IngestTable
from shared.clock import Clock
from shared.identity import Principal
from shared.ids import Ids
from shared.persistence.requests import IdempotentRequest, Page, PageRequest
from shared.persistence.transactions import Conflict
from shared.problems import Problem, problem


class Sources:
    def __init__(self, table: IngestTable, clock: Clock, ids: Ids) -> None:
        self._table = table
        self._clock = clock
        self._ids = ids

    async def register(
        self, principal: Principal, bot_id: str, definition: Definition, request: IdempotentRequest | None
    ) -> Source:
        """Register a source; a repeated request gets the same one. Raises `idempotency-key-reused`, `limit-reached`."""

        async def create() -> Source:
            bot = await self._bot_to_edit(principal, bot_id)
            source = Source(id=self._ids.new("src"), bot_id=bot_id, source=definition, created_at=self._clock.now())
            uow = self._table.begin()
            self._table.add(uow, bot.owner_id, source)
            if request:
                uow.put("idempotency", self._table.idempotency.record(request, source.id))
            await uow.commit()
            return source

        async def find(source_id: str) -> Source:
            return await self.read(principal, bot_id, source_id)

        try:
            return await self._table.idempotency.create_once(request, find=find, create=create)
        except Conflict as conflict:
            raise _conflict_problem(principal, conflict) from None

    async def page(self, principal: Principal, bot_id: str, request: PageRequest) -> Page[Source]:
        """The bot's sources, the first registered first."""
        await self._bot_to_edit(principal, bot_id)
        return await self._table.page(bot_id, request)

    async def read(self, principal: Principal, bot_id: str, source_id: str) -> Source:
        await self._bot_to_edit(principal, bot_id)
        source = await self._table.source(bot_id, source_id)
        if source is None:
            raise problem("not-found")
        return source

    async def remove(self, principal: Principal, bot_id: str, source_id: str) -> None:
        bot = await self._bot_to_edit(principal, bot_id)
        uow = self._table.begin()
        self._table.remove(uow, bot.owner_id, bot_id, source_id)
        try:
            await uow.commit()
        except Conflict:
            raise problem("not-found") from None

    async def _bot_to_edit(self, principal: Principal, bot_id: str) -> KnownBot:
        bot = await self._table.bot(bot_id)
        if bot is None or not _may_edit(principal, bot):
            raise problem("not-found")
        return bot


def _may_edit(principal: Principal, bot: KnownBot) -> bool:
    return bot.state == "live" and bot.access.may_edit(principal)


def _conflict_problem(principal: Principal, conflict: Conflict) -> Problem:
    """The problem that explains why a source could not be added."""
    if "bot" not in conflict.names:
        return problem("conflict")
    stored_bot = conflict.item("bot")
    if stored_bot is None or not _may_edit(principal, KnownBot.model_validate(stored_bot)):
        return problem("not-found")
    return problem("limit-reached", f"One bot may have {SOURCES_PER_BOT} sources.")
