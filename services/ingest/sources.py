"""Sources as the owner of a bot handles them: register, list, read, remove. Nothing reads them yet."""

from services.ingest.domain import SOURCES_PER_BOT, Definition, KnownBot, Source
from services.ingest.tables import IngestTable, PageOfSources
from shared.clock import Clock
from shared.http import Problem, problem
from shared.ids import Ids
from shared.persistence.idempotency import IdempotentRequest, KeyReusedError
from shared.persistence.transactions import Cancelled


class Sources:
    """Every call raises `not-found` for a bot that is another's, gone, or not yet known here."""

    def __init__(self, table: IngestTable, clock: Clock, ids: Ids) -> None:
        self._table = table
        self._clock = clock
        self._ids = ids

    async def register(
        self, owner_id: str, bot_id: str, definition: Definition, once: IdempotentRequest | None
    ) -> Source:
        """Under the same key the same source. Raises `idempotency-key-reused`, `limit-reached`."""
        if earlier := await self._earlier(owner_id, bot_id, once):
            return earlier
        source = Source(id=self._ids.new("src"), bot_id=bot_id, source=definition, created_at=self._clock.now())
        writes = self._table.added(owner_id, source)
        if once:
            writes.append(self._table.idempotency.put_new(once, source.id))
        try:
            await self._table.commit(writes)
        except Cancelled as cancelled:
            if earlier := await self._earlier(owner_id, bot_id, once):
                return earlier
            raise _refused(owner_id, cancelled) from None
        return source

    async def page(self, owner_id: str, bot_id: str, limit: int, after: str | None) -> PageOfSources:
        await self._check(owner_id, bot_id)
        return await self._table.page(bot_id, limit, after)

    async def read(self, owner_id: str, bot_id: str, source_id: str) -> Source:
        await self._check(owner_id, bot_id)
        source = await self._table.source(bot_id, source_id)
        if source is None:
            raise problem("not-found")
        return source

    async def remove(self, owner_id: str, bot_id: str, source_id: str) -> None:
        try:
            await self._table.commit(self._table.removed(owner_id, bot_id, source_id))
        except Cancelled:
            raise problem("not-found") from None

    async def _check(self, owner_id: str, bot_id: str) -> None:
        bot = await self._table.bot(bot_id)
        if bot is None or not _is_owners(owner_id, bot):
            raise problem("not-found")

    async def _earlier(self, owner_id: str, bot_id: str, once: IdempotentRequest | None) -> Source | None:
        if once is None:
            return None
        try:
            source_id = await self._table.idempotency.made(once)
        except KeyReusedError:
            raise problem("idempotency-key-reused") from None
        return await self.read(owner_id, bot_id, source_id) if source_id else None


def _is_owners(owner_id: str, bot: KnownBot) -> bool:
    return bot.owner_id == owner_id and bot.state == "live"


def _refused(owner_id: str, cancelled: Cancelled) -> Problem:
    """Why a source could not be added."""
    if 0 not in cancelled.failed:
        return problem("conflict")
    found = cancelled.found(0)
    if found is None or not _is_owners(owner_id, KnownBot.model_validate(found)):
        return problem("not-found")
    return problem("limit-reached", f"One bot may have {SOURCES_PER_BOT} sources.")
