"""Runtime: what every service is built on, and what closes with it: clients, clock, ids, metrics and the relay."""

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
"""What tells the relay about a commit: the committing process itself, or the table's stream through a function."""

_MIN_SWEEP_AGE_S: Final[dict[NotifiedBy, float]] = {"commit": MIN_SWEEP_AGE_S, "stream": 60}
T = TypeVar("T")


@dataclass(frozen=True)
class Runtime:
    """Open while its block runs. `relay` is None for a service that publishes no events; `notify` is for commits."""

    aws: Aws
    clock: Clock
    ids: Ids
    metrics: Metrics
    relay: Relay | None
    notify: Notify
    stack: AsyncExitStack

    async def enter(self, opening: AbstractAsyncContextManager[T]) -> T:
        """Open something that closes with the runtime."""
        return await self.stack.enter_async_context(opening)

    async def http_session(self) -> aiohttp.ClientSession:
        """A new session for calls of other services; it closes with the runtime."""
        return await self.enter(aiohttp.ClientSession())


@asynccontextmanager
async def open_runtime(
    service: str, settings: ServiceSettings, *, notified_by: NotifiedBy = "commit"
) -> AsyncIterator[Runtime]:
    """The runtime of one process or Lambda environment of `service`."""
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
    """The table's stream tells the relay's own function, or the service has no relay."""
