"""Bots as a Lambda function: the consumer of its events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.bots.consumers import handlers
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.standing import standing
from shared.settings import ServiceSettings


@asynccontextmanager
async def _opened(settings: ServiceSettings) -> AsyncIterator[BatchConsumer]:
    async with standing("bots", settings, rung_by="stream") as base:
        yield BatchConsumer(
            await base.aws.sqs(),
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(),
            metrics=base.metrics,
            clock=base.clock,
        )


events = QueueFunction("bots", ServiceSettings, _opened)
