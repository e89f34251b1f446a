"""The only place where bots' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.bots.api import ROUTES
from services.bots.events import BotEvents
from services.bots.service import BotService
from services.bots.tables import BotsTable
from shared.aws.readiness import table_answers
from shared.host import Rooms, publishing
from shared.host.http_app import http_app
from shared.settings import PublisherSettings


@asynccontextmanager
async def rooms(settings: PublisherSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with publishing("bots", settings) as base:
        dynamodb = await base.aws.dynamodb()
        table = BotsTable(dynamodb, settings.table, base.clock)
        keeping = BotService(table, BotEvents(base.clock, base.ids), base.ring, base.clock, base.ids)
        checks = {"table": table_answers(dynamodb, settings.table)}
        async with http_app(
            "bots", settings, base.aws, routes=ROUTES, context=keeping, checks=checks, clock=base.clock, ids=base.ids
        ) as app:
            yield Rooms(app, {"relay": base.relay.run})
