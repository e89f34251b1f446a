"""Follows the bots: which there are, whose they are, and when one is gone its knowledge goes too."""

from datetime import datetime
from typing import Final

from services.ingest.tables import IngestTable
from shared.clock import epoch_seconds
from shared.events.consumer.claims import CLAIM_TTL_S
from shared.persistence.requests import PageRequest

_PAGE: Final = 50


class BotProjection:
    """Both are idempotent, and in any order lead to the state of the highest version."""

    def __init__(self, table: IngestTable) -> None:
        self._table = table

    async def upsert(self, bot_id: str, owner_id: str, version: int) -> None:
        await self._table.upsert_bot(bot_id, owner_id, version)

    async def remove(self, bot_id: str, owner_id: str, version: int, deleted_at: datetime) -> None:
        """Nobody can add a source from the first write on, so what is listed after it is all there is."""
        await self._table.remove_bot(bot_id, owner_id, version, epoch_seconds(deleted_at) + CLAIM_TTL_S)
        request = PageRequest(_PAGE)
        while True:
            page = await self._table.page(bot_id, request)
            for source in page.items:
                await self._table.erase(source)
            if page.next_position is None:
                return
            request = PageRequest(_PAGE, page.next_position)
