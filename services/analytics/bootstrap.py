"""The only place where analytics' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.analytics.api import ROUTES
from services.analytics.api.context import AnalyticsContext
from services.analytics.consumers import CountedEvents, handlers
from services.analytics.ledger import Ledger
from services.analytics.settings import AnalyticsSettings
from services.analytics.tables import LedgerTable
from services.analytics.usage import UsageReports
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer.poller import Poller
from shared.host import Rooms
from shared.host.http_app import http_app
from shared.host.runtime import open_runtime


@asynccontextmanager
async def rooms(settings: AnalyticsSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends. No relay: analytics tells nothing yet."""
    async with open_runtime("analytics", settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        table = LedgerTable(dynamodb, settings.table)
        heard = CountedEvents(handlers(Ledger(table)), base.metrics)
        events = Poller(
            sqs,
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            heard,
            metrics=base.metrics,
            clock=base.clock,
        )
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
        }
        desk = AnalyticsContext(UsageReports(table), base.clock)
        async with http_app(
            "analytics", settings, base.aws, routes=ROUTES, context=desk, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"events": events.run})
