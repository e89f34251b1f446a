"""What every service's bootstrap begins with: clients, clock, ids and metrics; and the relay, if it has an outbox."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from shared.aws import Aws
from shared.clock import Clock, SystemClock
from shared.events.envelope import Envelope
from shared.events.outbox.relay import FRESH_S, Relay
from shared.ids import Ids, UlidIds
from shared.settings import PublisherSettings, ServiceSettings
from shared.telemetry import Metrics

RungBy = Literal["commit", "stream"]
"""Who rings the relay: the process that committed, or the table's stream by a function of its own."""
_FRESH_S: Final[dict[RungBy, float]] = {"commit": FRESH_S, "stream": 60}


@dataclass(frozen=True)
class Runtime:
    """Open while its block runs."""

    aws: Aws
    clock: Clock
    ids: Ids
    metrics: Metrics


@dataclass(frozen=True)
class Publishing(Runtime):
    """What the bootstrap of a service that publishes events begins with."""

    relay: Relay
    ring: Callable[[Iterable[Envelope]], None]
    """Call after a commit with the events that it wrote."""


@asynccontextmanager
async def open_runtime(
    service: str, settings: ServiceSettings, *, bedrock_profile: str | None = None
) -> AsyncIterator[Runtime]:
    """For a process or function that publishes nothing."""
    clock = SystemClock()
    async with Aws.open(pool=settings.max_pool_connections, bedrock_profile=bedrock_profile) as aws:
        yield Runtime(aws, clock, UlidIds(clock), Metrics(service, clock))


@asynccontextmanager
async def publishing(
    service: str, settings: PublisherSettings, *, rung_by: RungBy = "commit", bedrock_profile: str | None = None
) -> AsyncIterator[Publishing]:
    """As `standing`, with the relay of the service's outbox."""
    async with open_runtime(service, settings, bedrock_profile=bedrock_profile) as base:
        relay = Relay(
            await base.aws.dynamodb(),
            await base.aws.events(),
            await base.aws.sqs(),
            settings.table,
            settings.event_bus,
            settings.relay_dead_letter_queue_url,
            base.clock,
            fresh_s=_FRESH_S[rung_by],
            metrics=base.metrics,
        )
        ring = relay.ring if rung_by == "commit" else _nobody_rings
        yield Publishing(base.aws, base.clock, base.ids, base.metrics, relay, ring)


def _nobody_rings(_envelopes: Iterable[Envelope]) -> None:
    return
