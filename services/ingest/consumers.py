"""Handlers of ingest's queue: events about bots."""

from typing import Final

from services.ingest.bot_projection import BotProjection
from shared.events.catalogue.bots import BotCreated, BotDeleted, BotShared, BotUpdated
from shared.events.consumer.dispatch import Handlers
from shared.events.declarations import QueueDeclaration
from shared.events.envelope import Envelope

_EVENTS: Final = QueueDeclaration("events", (BotCreated, BotUpdated, BotShared, BotDeleted))
QUEUES: Final = (_EVENTS,)


def event_handlers(bots: BotProjection) -> Handlers:
    async def on_bot_changed(_envelope: Envelope, data: BotCreated | BotUpdated | BotShared) -> None:
        await bots.upsert(data)

    async def on_bot_deleted(_envelope: Envelope, data: BotDeleted) -> None:
        await bots.remove(data)

    return _EVENTS.checked(
        Handlers(
            {
                BotCreated.event_type: (BotCreated, on_bot_changed),
                BotUpdated.event_type: (BotUpdated, on_bot_changed),
                BotShared.event_type: (BotShared, on_bot_changed),
                BotDeleted.event_type: (BotDeleted, on_bot_deleted),
            }
        )
    )
