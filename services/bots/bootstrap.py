"""The only place where bots' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.bots.api import ROUTES
from services.bots.keeping import Keeping
from services.bots.tables import BotsTable
from services.bots.telling import Teller
from shared.aws.readiness import table_answers
from shared.host import Rooms, publishing
from shared.host.front import opened_front
from shared.settings import PublisherSettings


@asynccontextmanager
async def rooms(settings: PublisherSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with publishing("bots", settings) as base:
        dynamodb = await base.aws.dynamodb()
        table = BotsTable(dynamodb, settings.table, base.clock)
        keeping = Keeping(table, Teller(base.clock, base.ids), base.ring, base.clock, base.ids)
        checks = {"table": table_answers(dynamodb, settings.table)}
        async with opened_front(
            "bots", settings, base.aws, routes=ROUTES, context=keeping, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"relay": base.relay.run})
