from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession

from services.bots.app import build
from shared.events.envelope import Envelope
from shared.identity import CREATING_BOT_ALLOWED
from shared.settings import PublisherSettings
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import bearer
from tests.fakes.runtime import fake_runtime, fake_settings
from tests.fakes.service_client import service_client

TABLE = "bots"


@dataclass
class Bots:
    """The service over fakes. `ann` and `bob` may create bots, `joe` may not."""

    client: ClientSession
    dynamodb: FakeDynamoDb
    clock: FakeClock
    notified: list[Envelope] = field(default_factory=list)

    async def call(
        self, method: str, path: str, user_id: str = "ann", body: Any = None, **headers: str
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Status, parsed body, headers. `if_match="…"` and `idempotency_key="…"` become headers."""
        self.clock.advance(0.1)  # keep below the rate limit
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, path, json=body, headers=bearer(user_id) | named) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers.copy()

    async def create(self, user_id: str = "ann", **settings: str) -> dict[str, Any]:
        status, bot, _ = await self.call("POST", "/api/bots/bots", user_id, {"title": "Cook", **settings})
        assert status == 201
        return dict(bot)

    def events(self) -> list[Envelope]:
        """The envelopes in the outbox, ordered by sequence."""
        rows = [item for item in self.dynamodb.items(TABLE) if item["pk"]["S"].startswith("OUTBOX#")]
        envelopes = [Envelope.model_validate_json(row["envelope"]["S"]) for row in rows]
        return sorted(envelopes, key=lambda each: each.sequence)

    def stored(self) -> list[tuple[str, str]]:
        return [(item["pk"]["S"], item["sk"]["S"]) for item in self.dynamodb.items(TABLE)]


@pytest.fixture
async def bots() -> AsyncIterator[Bots]:
    clock, dynamodb = FakeClock(), FakeDynamoDb()
    notified: list[Envelope] = []
    runtime = fake_runtime(dynamodb, clock=clock, notified=notified)
    app = await build(runtime, fake_settings(PublisherSettings, table=TABLE))
    creators = dict.fromkeys(["ann", "bob"], frozenset({CREATING_BOT_ALLOWED}))
    async with service_client("bots", app.routes, app.context, clock, creators) as client:
        yield Bots(client, dynamodb, clock, notified)
