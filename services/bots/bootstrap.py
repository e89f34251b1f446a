"""The only place where bots' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.bots.api import ROUTES
from services.bots.consumers import handlers
from services.bots.keeping import Keeping
from services.bots.tables import BotsTable
from services.bots.telling import Teller
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer import Poller
from shared.host import Rooms, standing
from shared.host.front import opened_front
from shared.settings import ServiceSettings


@asynccontextmanager
async def rooms(settings: ServiceSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with standing("bots", settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        table = BotsTable(dynamodb, settings.table, base.clock)
        keeping = Keeping(table, Teller(base.clock, base.ids), base.ring, base.clock, base.ids)
        events = Poller(
            sqs,
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(),
            metrics=base.metrics,
            clock=base.clock,
        )
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
        }
        async with opened_front(
            "bots", settings, base.aws, routes=ROUTES, context=keeping, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"events": events.run, "relay": base.relay.run})
