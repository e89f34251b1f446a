"""Use cases of bots: create, list, read, change, delete. What the caller may not use is `not-found`."""

from services.bots.domain import BOTS_PER_OWNER, Bot, BotContent, BotSummary
from services.bots.events import BotEvents
from services.bots.tables import BotsTable
from shared.clock import Clock
from shared.identity import Principal
from shared.ids import Ids
from shared.persistence.requests import IdempotentRequest, Page, PageRequest, VersionCondition
from shared.persistence.transactions import Conflict
from shared.problems import Problem, problem


class BotService:
    def __init__(self, table: BotsTable, events: BotEvents, clock: Clock, ids: Ids) -> None:
        self._table = table
        self._events = events
        self._clock = clock
        self._ids = ids

    async def create(self, principal: Principal, content: BotContent, request: IdempotentRequest | None) -> Bot:
        """Create a bot; a repeated request gets the bot that the first one created, as it is now.

        Raises `idempotency-key-reused`, `not-found` when that bot was deleted, `limit-reached`.
        """

        async def create() -> Bot:
            now = self._clock.now()
            bot = Bot(
                **content.model_dump(),
                id=self._ids.new("bot"),
                owner_id=principal.subject,
                version=1,
                created_at=now,
                updated_at=now,
            )
            uow = self._table.begin()
            self._table.create(uow, bot)
            if request:
                uow.put("idempotency", self._table.idempotency.record(request, bot.id))
            uow.emit(self._events.created(bot))
            await uow.commit()
            return bot

        try:
            return await self._table.idempotency.create_once(request, find=self._find_created, create=create)
        except Conflict as conflict:
            if "count" in conflict.names:
                raise problem("limit-reached", f"One person may have {BOTS_PER_OWNER} bots.") from None
            raise problem("conflict") from None

    async def page(self, principal: Principal, request: PageRequest) -> Page[BotSummary]:
        """The caller's own bots, the latest created first."""
        return await self._table.owner_page(principal.subject, request)

    async def read(self, principal: Principal, bot_id: str) -> Bot:
        """Raises `not-found`."""
        bot = await self._table.head(bot_id)
        if bot is None or not bot.access.may_use(principal):
            raise problem("not-found")
        return bot

    async def versions(self, principal: Principal, bot_id: str, request: PageRequest) -> Page[BotSummary]:
        """The kept versions, the latest first. Raises `not-found`."""
        await self.read(principal, bot_id)
        return await self._table.versions(bot_id, request)

    async def version(self, principal: Principal, bot_id: str, version: int) -> Bot:
        """Raises `not-found`, also for a version that is no longer kept."""
        await self.read(principal, bot_id)
        found = await self._table.version(bot_id, version)
        if found is None:
            raise problem("not-found")
        return found

    async def change(self, principal: Principal, bot_id: str, content: BotContent, condition: VersionCondition) -> Bot:
        """The bot with this content, as a new version; the same version when nothing differs.

        Raises `not-found`, and `precondition-failed` when the caller has read another version.
        """
        bot = await self._read_to_edit(principal, bot_id)
        condition.require(bot.version)
        if bot.content == content:
            return bot
        changes = content.model_dump() | {"version": bot.version + 1, "updated_at": self._clock.now()}
        changed = bot.model_copy(update=changes)
        uow = self._table.begin()
        self._table.change(uow, changed)
        uow.emit(self._events.updated(changed))
        try:
            await uow.commit()
        except Conflict:
            raise await self._conflict_problem(principal, bot_id, condition) from None
        return changed

    async def delete(self, principal: Principal, bot_id: str, condition: VersionCondition | None) -> None:
        """Delete the bot with all its versions. Raises `not-found`, and `precondition-failed` for a given condition."""
        bot = await self._read_to_edit(principal, bot_id)
        condition = condition or VersionCondition(any_version=True)
        condition.require(bot.version)
        uow = self._table.begin()
        self._table.delete(uow, bot)
        uow.emit(self._events.deleted(bot))
        try:
            await uow.commit()
        except Conflict:
            raise await self._conflict_problem(principal, bot_id, condition) from None

    async def _read_to_edit(self, principal: Principal, bot_id: str) -> Bot:
        """Raises `not-found`, and `forbidden` for a caller who may use the bot but not change it."""
        bot = await self.read(principal, bot_id)
        if not bot.access.may_edit(principal):
            raise problem("forbidden")
        return bot

    async def _find_created(self, bot_id: str) -> Bot:
        bot = await self._table.head(bot_id)
        if bot is None:
            raise problem("not-found", "The bot that this key created has been deleted.")
        return bot

    async def _conflict_problem(self, principal: Principal, bot_id: str, condition: VersionCondition) -> Problem:
        """The problem of a change that met another one. Raises `not-found` or `precondition-failed` where these fit."""
        condition.require((await self.read(principal, bot_id)).version)
        return problem("conflict")
