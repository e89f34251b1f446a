"""The runtime of a service: clients, clock, ids, metrics and relay, which all services need and both hosts open."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import aiohttp

from shared.aws import Aws
from shared.clock import Clock, SystemClock
from shared.events.envelope import Envelope
from shared.events.outbox.relay import MIN_SWEEP_AGE_S, Relay
from shared.ids import Ids, UlidIds
from shared.persistence.unit_of_work import Notify
from shared.settings import PublisherSettings, ServiceSettings
from shared.telemetry import Metrics

NotifiedBy = Literal["commit", "stream"]
"""What notifies the relay of a commit: the committing process itself, or the table's stream through a function."""

_MIN_SWEEP_AGE_S: Final[dict[NotifiedBy, float]] = {"commit": MIN_SWEEP_AGE_S, "stream": 60}
T = TypeVar("T")


@dataclass(frozen=True)
class Runtime:
    """What a service is built with. Its clients are open until the block of `open_runtime` ends.

    `relay` is None in a service that publishes no events. `notify` is called after each commit with its events.
    """

    aws: Aws
    clock: Clock
    ids: Ids
    metrics: Metrics
    relay: Relay | None
    notify: Notify
    stack: AsyncExitStack

    async def enter(self, opening: AbstractAsyncContextManager[T]) -> T:
        """Open something that is closed with the runtime."""
        return await self.stack.enter_async_context(opening)

    async def http_session(self) -> aiohttp.ClientSession:
        """A new session for requests to other services; it is closed with the runtime."""
        return await self.enter(aiohttp.ClientSession())


@asynccontextmanager
async def open_runtime(
    service: str, settings: ServiceSettings, *, notified_by: NotifiedBy = "commit"
) -> AsyncIterator[Runtime]:
    """The runtime of one process or Lambda environment of `service`; it is closed when the block ends."""
    clock = SystemClock()
    metrics = Metrics(service, clock)
    profile: str | None = getattr(settings, "bedrock_profile", None)
    async with AsyncExitStack() as stack:
        aws = await stack.enter_async_context(Aws.open(pool=settings.max_pool_connections, bedrock_profile=profile))
        relay = None
        if isinstance(settings, PublisherSettings):
            relay = Relay(
                await aws.dynamodb(),
                await aws.events(),
                await aws.sqs(),
                settings.table,
                settings.event_bus,
                settings.relay_dead_letter_queue_url,
                clock,
                min_sweep_age_s=_MIN_SWEEP_AGE_S[notified_by],
                metrics=metrics,
            )
        notify = relay.notify if relay and notified_by == "commit" else _ignore
        yield Runtime(aws, clock, UlidIds(clock), metrics, relay, notify, stack)


def _ignore(_events: Iterable[Envelope]) -> None:
    """The table's stream notifies the relay, or the service has none."""
