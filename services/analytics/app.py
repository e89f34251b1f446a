"""Wires analytics, for both hosts. It publishes no events yet."""

from services.analytics.api import ROUTES
from services.analytics.api.usage import AnalyticsContext
from services.analytics.consumers import EventCounter, event_handlers
from services.analytics.ledger import Ledger
from services.analytics.settings import AnalyticsSettings
from services.analytics.tables import LedgerTable
from services.analytics.usage import UsageReports
from shared.host.runtime import Runtime
from shared.host.service_app import ConsumedQueue, ServiceApp


async def build(runtime: Runtime, settings: AnalyticsSettings) -> ServiceApp:
    table = LedgerTable(await runtime.aws.dynamodb(), settings.table)
    handle = EventCounter(event_handlers(Ledger(table)), runtime.metrics)
    return ServiceApp(
        routes=ROUTES,
        context=AnalyticsContext(UsageReports(table), runtime.clock),
        queues=[ConsumedQueue.of(settings, "events", handle)],
    )
