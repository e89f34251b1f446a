"""A Lambda function that consumes one queue of a service, from the service's declaration."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import open_runtime
from shared.host.service_app import Build, run_background
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


def queue_function(service: str, read_settings: Callable[[], S], build: Build[S], queue: str) -> QueueFunction:
    """The handler for Lambda of the service's queue `queue`."""

    @asynccontextmanager
    async def open_consumer(settings: S) -> AsyncIterator[BatchConsumer]:
        async with open_runtime(service, settings, notified_by="stream") as runtime:
            app = await build(runtime, settings)
            consumed = app.queue(queue)
            async with run_background(app.background):
                yield BatchConsumer(
                    await runtime.aws.sqs(),
                    consumed.url,
                    consumed.dead_letter_url,
                    consumed.handle,
                    concurrency=consumed.concurrency,
                    visibility_s=consumed.visibility_s if consumed.settles_on_lambda else None,
                    finish_or_hand_over=consumed.finish_or_hand_over,
                    metrics=runtime.metrics,
                    clock=runtime.clock,
                )

    return QueueFunction(service, read_settings, open_consumer)
