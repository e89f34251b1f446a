"""Bots as their owner keeps them: make, list, read, change, delete. What is another's is not there."""

from collections.abc import Callable, Sequence

from services.bots.domain import BOTS_PER_OWNER, Bot, BotContent
from services.bots.events import BotEvents
from services.bots.tables import BotsTable, PageOfBots
from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.http import IfMatch, problem
from shared.ids import Ids
from shared.persistence.idempotency import IdempotentRequest, KeyReusedError
from shared.persistence.transactions import Cancelled

Ring = Callable[[Sequence[Envelope]], None]
"""Tells the relay what was just committed."""


class BotService:
    def __init__(self, table: BotsTable, teller: BotEvents, ring: Ring, clock: Clock, ids: Ids) -> None:
        self._table = table
        self._teller = teller
        self._ring = ring
        self._clock = clock
        self._ids = ids

    async def create(self, owner_id: str, content: BotContent, once: IdempotentRequest | None) -> Bot:
        """A new bot; under the same key the one that was made then, as it is now.

        Raises `idempotency-key-reused`, `not-found` when that one is deleted, `limit-reached`.
        """
        if earlier := await self._earlier(once):
            return earlier
        now = self._clock.now()
        bot = Bot(
            **content.model_dump(),
            id=self._ids.new("bot"),
            owner_id=owner_id,
            version=1,
            created_at=now,
            updated_at=now,
        )
        writes = self._table.made(bot)
        if once:
            writes.append(self._table.idempotency.put_new(once, bot.id))
        told = self._teller.created(bot)
        try:
            await self._table.commit(writes, told)
        except Cancelled as cancelled:
            if earlier := await self._earlier(once):
                return earlier
            if 0 in cancelled.failed:
                raise problem("limit-reached", f"One person may have {BOTS_PER_OWNER} bots.") from None
            raise problem("conflict") from None
        self._ring([told])
        return bot

    async def page(self, owner_id: str, limit: int, before: str | None) -> PageOfBots:
        return await self._table.page_of(owner_id, limit, before)

    async def read(self, owner_id: str, bot_id: str) -> Bot:
        """Raises `not-found`."""
        bot = await self._table.head(bot_id)
        if bot is None or bot.owner_id != owner_id:
            raise problem("not-found")
        return bot

    async def versions(self, owner_id: str, bot_id: str, limit: int, before: str | None) -> PageOfBots:
        """Raises `not-found`."""
        await self.read(owner_id, bot_id)
        return await self._table.versions(bot_id, limit, before)

    async def version(self, owner_id: str, bot_id: str, version: int) -> Bot:
        """Raises `not-found`, also for a version that is no longer kept."""
        await self.read(owner_id, bot_id)
        found = await self._table.version(bot_id, version)
        if found is None:
            raise problem("not-found")
        return found

    async def change(self, owner_id: str, bot_id: str, content: BotContent, condition: IfMatch) -> Bot:
        """The bot with these settings: a version more, unless nothing differs.

        Raises `not-found`, and `precondition-failed` when the caller has read another version.
        """
        bot = await self.read(owner_id, bot_id)
        condition.require(bot.version)
        if bot.settings == content:
            return bot
        changes = content.model_dump() | {"version": bot.version + 1, "updated_at": self._clock.now()}
        changed = bot.model_copy(update=changes)
        told = self._teller.updated(changed)
        try:
            await self._table.commit(self._table.changed(changed), told)
        except Cancelled:
            raise await self._overtaken(owner_id, bot_id, condition) from None
        self._ring([told])
        return changed

    async def delete(self, owner_id: str, bot_id: str, condition: IfMatch | None) -> None:
        """The bot with all its versions. Raises `not-found`, and `precondition-failed` when a condition is given."""
        bot = await self.read(owner_id, bot_id)
        condition = condition or IfMatch(any_version=True)
        condition.require(bot.version)
        told = self._teller.deleted(bot)
        try:
            await self._table.commit(self._table.deleted(bot), told)
        except Cancelled:
            raise await self._overtaken(owner_id, bot_id, condition) from None
        self._ring([told])

    async def _earlier(self, once: IdempotentRequest | None) -> Bot | None:
        if once is None:
            return None
        try:
            bot_id = await self._table.idempotency.made(once)
        except KeyReusedError:
            raise problem("idempotency-key-reused") from None
        if bot_id is None:
            return None
        bot = await self._table.head(bot_id)
        if bot is None:
            raise problem("not-found", "The bot that this key made has been deleted.")
        return bot

    async def _overtaken(self, owner_id: str, bot_id: str, condition: IfMatch) -> Exception:
        """Why a change did not happen, seen from now."""
        condition.require((await self.read(owner_id, bot_id)).version)
        return problem("conflict")
