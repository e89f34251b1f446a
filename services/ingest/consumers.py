"""What ingest hears of bots."""

from typing import Final

from services.ingest.bot_projection import BotProjection
from shared.events.catalogue.bots import BotCreated, BotDeleted, BotShared, BotUpdated
from shared.events.consumer.dispatch import EventHandlers
from shared.events.declarations import QueueDeclaration
from shared.events.envelope import Envelope

_EVENTS: Final = QueueDeclaration("events", (BotCreated, BotUpdated, BotShared, BotDeleted))
QUEUES: Final = (_EVENTS,)


def event_handlers(bots: BotProjection) -> EventHandlers:
    async def on_bot_told_of(_envelope: Envelope, data: BotCreated | BotUpdated | BotShared) -> None:
        await bots.upsert(data.bot_id, data.owner_id, data.bot_version)

    async def on_bot_deleted(_envelope: Envelope, data: BotDeleted) -> None:
        await bots.remove(data.bot_id, data.owner_id, data.bot_version, data.deleted_at)

    return _EVENTS.handled_by(
        EventHandlers(
            {
                BotCreated: on_bot_told_of,
                BotUpdated: on_bot_told_of,
                BotShared: on_bot_told_of,
                BotDeleted: on_bot_deleted,
            }
        )
    )
