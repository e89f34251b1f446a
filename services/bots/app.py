"""Wires bots, for both hosts."""

from services.bots.api import ROUTES
from services.bots.events import BotEvents
from services.bots.service import BotService
from services.bots.tables import BotsTable
from shared.host.runtime import Runtime
from shared.host.service_app import ServiceApp
from shared.settings import PublisherSettings


async def build(runtime: Runtime, settings: PublisherSettings) -> ServiceApp:
    table = BotsTable(await runtime.aws.dynamodb(), settings.table, runtime.notify, runtime.clock)
    bots = BotService(table, BotEvents(runtime.clock, runtime.ids), runtime.clock, runtime.ids)
    return ServiceApp(routes=ROUTES, context=bots)
