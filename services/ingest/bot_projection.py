"""The projection of bots: which there are and whose they are. A deleted bot's sources are deleted here."""

from typing import Final

from services.ingest.tables import IngestTable
from shared.clock import epoch_seconds
from shared.events.catalogue.bots import BotCreated, BotDeleted, BotShared, BotUpdated
from shared.events.consumer.claims import KEPT_SECONDS
from shared.persistence.requests import PageRequest

_PAGE: Final = 50


class BotProjection:
    """Both methods are idempotent; in any order they lead to the state of the highest version."""

    def __init__(self, table: IngestTable) -> None:
        self._table = table

    async def upsert(self, bot: BotCreated | BotUpdated | BotShared) -> None:
        """Store the bot as live with this owner and version, unless a later version is stored."""
        await self._table.upsert_bot(bot.bot_id, bot.owner_id, bot.bot_version)

    async def remove(self, bot: BotDeleted) -> None:
        """Store the bot as deleted, then delete its sources; after the first write no source can be added."""
        ttl = epoch_seconds(bot.deleted_at) + KEPT_SECONDS
        await self._table.remove_bot(bot.bot_id, bot.owner_id, bot.bot_version, ttl)
        request = PageRequest(_PAGE)
        while True:
            page = await self._table.page(bot.bot_id, request)
            for source in page.items:
                await self._table.erase(source)
            if page.next_position is None:
                return
            request = PageRequest(_PAGE, page.next_position)
