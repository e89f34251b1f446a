"""Wires ingest, for both hosts. It publishes no events yet."""

from services.ingest.api import ROUTES
from services.ingest.bot_projection import BotProjection
from services.ingest.consumers import event_handlers
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources
from services.ingest.tables import IngestTable
from shared.host.runtime import Runtime
from shared.host.service_app import ConsumedQueue, ServiceApp


async def build(runtime: Runtime, settings: IngestSettings) -> ServiceApp:
    table = IngestTable(await runtime.aws.dynamodb(), settings.table, runtime.notify, runtime.clock)
    return ServiceApp(
        routes=ROUTES,
        context=Sources(table, runtime.clock, runtime.ids),
        queues=[ConsumedQueue.of(settings, "events", event_handlers(BotProjection(table)))],
    )
