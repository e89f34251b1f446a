import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from services.analytics.api import ROUTES
from services.analytics.api.usage import AnalyticsContext
from services.analytics.consumers import EventCounter, event_handlers
from services.analytics.ledger import Ledger
from services.analytics.tables import LedgerTable
from services.analytics.usage import UsageReports
from shared.events.consumer.messages import QueueMessage
from shared.events.envelope import Envelope
from shared.telemetry import Metrics
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import bearer
from tests.fakes.service_client import service_client

TABLE = "analytics"


class FakeLedger:
    """The consumer of analytics over a table in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.table = LedgerTable(self.dynamodb, TABLE)  # type: ignore[arg-type]
        self.metrics = io.StringIO()
        self.handle = EventCounter(event_handlers(Ledger(self.table)), Metrics("analytics", self.clock, self.metrics))

    async def deliver(self, *envelopes: Envelope) -> None:
        for number, envelope in enumerate(envelopes):
            body = json.dumps({"detail": envelope.model_dump(mode="json")})
            await self.handle(QueueMessage(id=f"m{number}", body=body, receipt="r"))

    def dump(self) -> list[dict[str, Any]]:
        return self.dynamodb.items(TABLE)

    def rows(self) -> list[dict[str, Any]]:
        """The ledger's rows of invocations, without the rows that point to them."""
        return [item for item in self.dump() if item["sk"]["S"].startswith("INV#")]

    def counted(self) -> list[str]:
        return [json.loads(line)["type"] for line in self.metrics.getvalue().splitlines()]


@dataclass
class Analytics:
    ledger: FakeLedger
    client: ClientSession

    async def usage(self, user_id: str = "ann", **query: str) -> tuple[int, Any]:
        params = {name.rstrip("_"): value for name, value in query.items()}
        async with self.client.get("/api/analytics/usage/me", params=params, headers=bearer(user_id)) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
async def analytics(ledger: FakeLedger) -> AsyncIterator[Analytics]:
    context = AnalyticsContext(UsageReports(ledger.table), ledger.clock)
    async with service_client("analytics", ROUTES, context, ledger.clock) as client:
        yield Analytics(ledger, client)
