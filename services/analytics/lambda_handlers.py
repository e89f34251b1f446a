"""Analytics as a Lambda function: the consumer of all events. No relay: analytics tells nothing yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.analytics.consumers import CountedEvents, handlers
from services.analytics.ledger import Ledger
from services.analytics.settings import AnalyticsSettings
from services.analytics.tables import LedgerTable
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import open_runtime


@asynccontextmanager
async def _opened(settings: AnalyticsSettings) -> AsyncIterator[BatchConsumer]:
    async with open_runtime("analytics", settings) as base:
        table = LedgerTable(await base.aws.dynamodb(), settings.table)
        yield BatchConsumer(
            await base.aws.sqs(),
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            CountedEvents(handlers(Ledger(table)), base.metrics),
            metrics=base.metrics,
            clock=base.clock,
        )


events = QueueFunction("analytics", AnalyticsSettings, _opened)
