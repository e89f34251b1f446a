"""What every service's bootstrap begins with: clients, clock, ids and the relay of its outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.aws import Aws
from shared.clock import Clock, SystemClock
from shared.events.relay import Relay
from shared.ids import Ids, UlidIds
from shared.settings import ServiceSettings


@dataclass(frozen=True)
class Standing:
    """Open while its block runs."""

    aws: Aws
    clock: Clock
    ids: Ids
    relay: Relay


@asynccontextmanager
async def standing(settings: ServiceSettings, *, bedrock_profile: str | None = None) -> AsyncIterator[Standing]:
    clock = SystemClock()
    async with Aws.open(pool=settings.max_pool_connections, bedrock_profile=bedrock_profile) as aws:
        relay = Relay(
            await aws.dynamodb(),
            await aws.events(),
            await aws.sqs(),
            settings.table,
            settings.event_bus,
            settings.events_dead_letter_queue_url,
            clock,
        )
        yield Standing(aws=aws, clock=clock, ids=UlidIds(clock), relay=relay)
