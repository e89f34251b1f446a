"""What every service's bootstrap begins with: clients, clock, ids, metrics and the relay of its outbox."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from shared.aws import Aws
from shared.clock import Clock, SystemClock
from shared.events.envelope import Envelope
from shared.events.relay import FRESH_S, Relay
from shared.ids import Ids, UlidIds
from shared.settings import ServiceSettings
from shared.telemetry import Metrics

RungBy = Literal["commit", "stream"]
"""Who rings the relay: the process that committed, or the table's stream by a function of its own."""
_FRESH_S: Final[dict[RungBy, float]] = {"commit": FRESH_S, "stream": 60}


@dataclass(frozen=True)
class Standing:
    """Open while its block runs."""

    aws: Aws
    clock: Clock
    ids: Ids
    metrics: Metrics
    relay: Relay
    ring: Callable[[Iterable[Envelope]], None]
    """Call after a commit with the events that it wrote."""


@asynccontextmanager
async def standing(
    service: str, settings: ServiceSettings, *, rung_by: RungBy = "commit", bedrock_profile: str | None = None
) -> AsyncIterator[Standing]:
    clock = SystemClock()
    metrics = Metrics(service, clock)
    async with Aws.open(pool=settings.max_pool_connections, bedrock_profile=bedrock_profile) as aws:
        relay = Relay(
            await aws.dynamodb(),
            await aws.events(),
            await aws.sqs(),
            settings.table,
            settings.event_bus,
            settings.events_dead_letter_queue_url,
            clock,
            fresh_s=_FRESH_S[rung_by],
            metrics=metrics,
        )
        ring = relay.ring if rung_by == "commit" else _nobody_rings
        yield Standing(aws, clock, UlidIds(clock), metrics, relay, ring)


def _nobody_rings(_envelopes: Iterable[Envelope]) -> None:
    return
