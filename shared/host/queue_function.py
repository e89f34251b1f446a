"""A Lambda function that consumes one queue of a service, built from the service's declaration."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from shared.clock import Clock
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import Runtime, open_runtime
from shared.host.service_app import Build, ConsumedQueue, run_background
from shared.settings import ServiceSettings
from shared.telemetry import Metrics

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

S = TypeVar("S", bound=ServiceSettings)


def queue_function(service: str, read_settings: Callable[[], S], build: Build[S], queue: str) -> QueueFunction:
    """The handler for Lambda that consumes the service's queue `queue`."""

    @asynccontextmanager
    async def open_queue(settings: S) -> AsyncIterator[BatchConsumer]:
        async with (
            open_runtime(service, settings, notified_by="stream") as runtime,
            open_consumer(runtime, settings, build, queue) as consumer,
        ):
            yield consumer

    return QueueFunction(service, read_settings, open_queue)


@asynccontextmanager
async def open_consumer(runtime: Runtime, settings: S, build: Build[S], queue: str) -> AsyncIterator[BatchConsumer]:
    """The consumer of one queue of the service, while the service's background tasks run.

    Raises LookupError when the service consumes no queue of this name.
    """
    app = await build(runtime, settings)
    consumed = app.queue(queue)
    async with run_background(app.background):
        yield batch_consumer(consumed, await runtime.aws.sqs(), runtime.metrics, runtime.clock)


def batch_consumer(queue: ConsumedQueue, sqs: "SQSClient", metrics: Metrics | None, clock: Clock) -> BatchConsumer:
    """The consumer of a declared queue in a function."""
    return BatchConsumer(
        sqs,
        queue.url,
        queue.dead_letter_url,
        queue.handle,
        concurrency=queue.concurrency,
        visibility_s=queue.visibility_s if queue.settles_on_lambda else None,
        finish_or_hand_over=queue.finish_or_hand_over,
        metrics=metrics,
        clock=clock,
    )
