"""Hosts a service in a process, with the roles `http`, `relay` and one for each queue that it declares."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from shared.aws.readiness import Check, queue_answers, table_answers
from shared.events.consumer.poller import Poller
from shared.host.http_app import http_app
from shared.host.process import Roles, Worker, run
from shared.host.runtime import Runtime, open_runtime
from shared.host.service_app import Build, ConsumedQueue, ServiceApp, run_background
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)
RELAY: Final = "relay"


def run_service(service: str, read_settings: Callable[[], S], build: Build[S]) -> None:
    """Host the service until a signal; the command line names its roles."""
    run(service, read_settings, lambda settings: open_roles(service, settings, build))


@asynccontextmanager
async def open_roles(service: str, settings: S, build: Build[S]) -> AsyncIterator[Roles]:
    """The service's roles; its clients stay open until the block ends."""
    async with open_runtime(service, settings) as runtime, roles_of(service, settings, runtime, build) as roles:
        yield roles


@asynccontextmanager
async def roles_of(service: str, settings: S, runtime: Runtime, build: Build[S]) -> AsyncIterator[Roles]:
    """The service's roles over an open runtime, while its background tasks run."""
    app = await build(runtime, settings)
    checks = await _checks(runtime, settings, app)
    async with run_background(app.background), http_app(service, settings, runtime, app, checks) as http:
        workers: dict[str, Worker] = {queue.name: (await _poller(runtime, queue)).run for queue in app.queues}
        if runtime.relay:
            workers[RELAY] = runtime.relay.run
        yield Roles(http, workers, app.drain)


async def _checks(runtime: Runtime, settings: ServiceSettings, app: ServiceApp) -> dict[str, Check]:
    sqs = await runtime.aws.sqs()
    queues = {f"{queue.name}_queue": queue_answers(sqs, queue.url) for queue in app.queues}
    return {"table": table_answers(await runtime.aws.dynamodb(), settings.table), **queues, **app.checks}


async def _poller(runtime: Runtime, queue: ConsumedQueue) -> Poller:
    return Poller(
        await runtime.aws.sqs(),
        queue.url,
        queue.dead_letter_url,
        queue.handle,
        concurrency=queue.concurrency,
        visibility_s=queue.visibility_s,
        grace_s=queue.grace_s,
        capacity=queue.capacity,
        metrics=runtime.metrics,
        clock=runtime.clock,
    )
