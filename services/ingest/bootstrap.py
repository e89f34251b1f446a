"""The only place where ingest's ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.ingest.api import ROUTES
from services.ingest.bot_projection import BotProjection
from services.ingest.consumers import handlers
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources
from services.ingest.tables import IngestTable
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer.poller import Poller
from shared.host import Rooms
from shared.host.http_app import http_app
from shared.host.runtime import open_runtime


@asynccontextmanager
async def rooms(settings: IngestSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends. No relay: ingest tells nothing yet."""
    async with open_runtime("ingest", settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        table = IngestTable(dynamodb, settings.table, base.clock)
        events = Poller(
            sqs,
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(BotProjection(table)),
            metrics=base.metrics,
            clock=base.clock,
        )
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
        }
        sources = Sources(table, base.clock, base.ids)
        async with http_app(
            "ingest", settings, base.aws, routes=ROUTES, context=sources, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"events": events.run})
