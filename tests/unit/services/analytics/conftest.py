import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from services.analytics.api import ROUTES
from services.analytics.api.usage import AnalyticsContext
from services.analytics.consumers import CountedEvents, event_handlers
from services.analytics.ledger import Ledger
from services.analytics.tables import LedgerTable
from services.analytics.usage import UsageReports
from shared.events.consumer.messages import QueueMessage
from shared.events.envelope import Envelope
from shared.telemetry import Metrics
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import bearer
from tests.fakes.served import served

TABLE = "analytics"


class Books:
    """Analytics' consumer over a table in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.table = LedgerTable(self.dynamodb, TABLE)  # type: ignore[arg-type]
        self.metrics = io.StringIO()
        self.handle = CountedEvents(event_handlers(Ledger(self.table)), Metrics("analytics", self.clock, self.metrics))

    async def hear(self, *envelopes: Envelope) -> None:
        for number, envelope in enumerate(envelopes):
            body = json.dumps({"detail": envelope.model_dump(mode="json")})
            await self.handle(QueueMessage(id=f"m{number}", body=body, receipt="r"))

    def dump(self) -> list[dict[str, Any]]:
        return self.dynamodb.items(TABLE)

    def rows(self) -> list[dict[str, Any]]:
        """The ledger's rows, without the places that lead to them."""
        return [item for item in self.dump() if item["sk"]["S"].startswith("INV#")]

    def counted(self) -> list[str]:
        return [json.loads(line)["type"] for line in self.metrics.getvalue().splitlines()]


@dataclass
class Analytics:
    books: Books
    client: ClientSession

    async def usage(self, who: str = "ann", **query: str) -> tuple[int, Any]:
        params = {name.rstrip("_"): value for name, value in query.items()}
        async with self.client.get("/api/analytics/usage/me", params=params, headers=bearer(who)) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
async def analytics(books: Books) -> AsyncIterator[Analytics]:
    desk = AnalyticsContext(UsageReports(books.table), books.clock)
    async with served("analytics", ROUTES, desk, books.clock) as client:
        yield Analytics(books, client)
