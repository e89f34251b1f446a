from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from services.agents.api import ROUTES
from services.agents.tables import CallsTable
from services.agents.tools import TOOLS, Tool
from services.agents.trials import ToolTrials
from shared.ids import UlidIds
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import bearer
from tests.fakes.service_client import service_client

TABLE = "agents"


class Agents:
    """The service over a table in memory. A test may add tools to `tools`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.tools: dict[str, Tool[Any]] = dict(TOOLS)
        table = CallsTable(self.dynamodb, TABLE, lambda _: None, self.clock)  # type: ignore[arg-type]
        self.trials = ToolTrials(self.tools, table, self.clock, UlidIds(self.clock))
        self.client: ClientSession

    async def get(self, path: str, user_id: str = "ann") -> tuple[int, Any]:
        async with self.client.get(f"/api/agents/{path}", headers=bearer(user_id)) as answer:
            return answer.status, await answer.json(content_type=None)

    async def attempt(self, tool: str, tool_input: Any, user_id: str = "ann") -> tuple[int, Any]:
        url = f"/api/agents/tools/{tool}/try"
        async with self.client.post(url, json={"input": tool_input}, headers=bearer(user_id)) as answer:
            return answer.status, await answer.json(content_type=None)

    def dump(self) -> list[dict[str, Any]]:
        return self.dynamodb.items(TABLE)


@pytest.fixture
async def agents() -> AsyncIterator[Agents]:
    agents = Agents()
    async with service_client("agents", ROUTES, agents.trials, agents.clock) as client:
        agents.client = client
        yield agents
