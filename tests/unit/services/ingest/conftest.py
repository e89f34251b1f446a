import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession

from services.ingest.api import ROUTES
from services.ingest.bot_projection import BotProjection
from services.ingest.consumers import event_handlers
from services.ingest.sources import Sources
from services.ingest.tables import IngestTable
from shared.events.consumer.messages import QueueMessage
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import bearer
from tests.fakes.service_client import service_client

TABLE = "ingest"


class Store:
    """Ingest's consumer and use cases over a table in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        table = IngestTable(self.dynamodb, TABLE, lambda _: None, self.clock)  # type: ignore[arg-type]
        self.sources = Sources(table, self.clock, UlidIds(self.clock))
        self.handle = event_handlers(BotProjection(table))

    async def deliver(self, *envelopes: Envelope) -> None:
        for number, envelope in enumerate(envelopes):
            body = json.dumps({"detail": envelope.model_dump(mode="json")})
            await self.handle(QueueMessage(id=f"m{number}", body=body, receipt="r"))

    def dump(self) -> list[dict[str, Any]]:
        return self.dynamodb.items(TABLE)


class Ingest:
    def __init__(self, store: Store, client: ClientSession) -> None:
        self.store = store
        self._client = client

    async def call(
        self, method: str, path: str, user_id: str = "ann", body: Any = None, **headers: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Call `path` below `/api/ingest/bots/`; return status, parsed body and headers."""
        self.store.clock.advance(0.1)  # keep below the rate limit
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"/api/ingest/bots/{path}"
        async with self._client.request(method, url, json=body, headers=bearer(user_id) | named) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers.copy()

    async def register(self, bot_id: str, url: str = "https://example.org/") -> dict[str, Any]:
        status, source, _ = await self.call("POST", f"{bot_id}/sources", body=page(url))
        assert status == 201
        return dict(source)


def page(url: str) -> dict[str, Any]:
    return {"source": {"type": "url", "url": url}}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def ingest(store: Store) -> AsyncIterator[Ingest]:
    async with service_client("ingest", ROUTES, store.sources, store.clock) as client:
        yield Ingest(store, client)
