"""Ingest as a Lambda function: the consumer of its events. No relay: ingest tells nothing yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.ingest.bot_projection import BotProjection
from services.ingest.consumers import handlers
from services.ingest.settings import IngestSettings
from services.ingest.tables import IngestTable
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import open_runtime


@asynccontextmanager
async def _opened(settings: IngestSettings) -> AsyncIterator[BatchConsumer]:
    async with open_runtime("ingest", settings) as base:
        table = IngestTable(await base.aws.dynamodb(), settings.table, base.clock)
        yield BatchConsumer(
            await base.aws.sqs(),
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(BotProjection(table)),
            metrics=base.metrics,
            clock=base.clock,
        )


events = QueueFunction("ingest", IngestSettings, _opened)
