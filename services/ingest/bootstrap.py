"""The only place where ingest's ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.ingest.api import ROUTES
from services.ingest.consumers import handlers
from services.ingest.following import FollowingBots
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources
from services.ingest.tables import IngestTable
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer import Poller
from shared.host import Rooms, standing
from shared.host.front import opened_front


@asynccontextmanager
async def rooms(settings: IngestSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends. No relay: ingest tells nothing yet."""
    async with standing("ingest", settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        table = IngestTable(dynamodb, settings.table, base.clock)
        events = Poller(
            sqs,
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(FollowingBots(table)),
            metrics=base.metrics,
            clock=base.clock,
        )
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
        }
        sources = Sources(table, base.clock, base.ids)
        async with opened_front(
            "ingest", settings, base.aws, routes=ROUTES, context=sources, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"events": events.run})
