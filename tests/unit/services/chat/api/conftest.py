from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from services.chat.api import ROUTES
from tests.fakes.chat_models import answer
from tests.fakes.chat_service import FakeChat
from tests.fakes.http_service import bearer
from tests.fakes.service_client import service_client


@dataclass
class Api:
    """Chat's routes over fakes, called as a given person."""

    chat: FakeChat
    client: ClientSession

    async def call(
        self, method: str, path: str, body: Any = None, user_id: str = "ann", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, parsed body, headers. `idempotency_key="…"` becomes a header."""
        self.chat.clock.advance(0.1)  # keep below the rate limit
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/api/chat{path}"
        async with self.client.request(method, path, json=body, headers=bearer(user_id) | named) as answer:
            return answer.status, await answer.json(content_type=None), dict(answer.headers)

    async def events(
        self, method: str, path: str, body: Any = None, user_id: str = "ann", **headers: str
    ) -> list[tuple[str, str]]:
        """Read a whole stream; return (id, event) of each frame."""
        self.chat.clock.advance(0.1)
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Accept": "text/event-stream"}
        path = f"/api/chat{path}"
        async with self.client.request(method, path, json=body, headers=bearer(user_id) | named) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.headers["Content-Type"] == "text/event-stream"
            frames = (await answer.text()).split("\n\n")
        lines = [dict(line.split(": ", 1) for line in each.splitlines()) for each in frames if each.startswith("id: ")]
        return [(each["id"], each["event"]) for each in lines]

    async def open(self, user_id: str = "ann", title: str = "Trip") -> str:
        status, head, _ = await self.call("POST", "/conversations", {"title": title}, user_id)
        assert status == 201
        return str(head["id"])

    async def completed_turn(self, conversation: str, text: str = "Hello?") -> dict[str, Any]:
        """Send a message, wait until its turn is completed, and return the turn."""
        events = await self.events("POST", f"/conversations/{conversation}/messages", message_body(text))
        assert events[-1][1] == "turn.completed"
        _, page, _ = await self.call("GET", f"/conversations/{conversation}/messages?limit=1")
        return dict((await self.call("GET", f"/turns/{page['items'][0]['turn_id']}"))[1])


def message_body(text: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], **more}


@pytest.fixture
async def api(chat: FakeChat) -> AsyncIterator[Api]:
    chat.models.answers = answer("Hello there.")  # one delta, one frame
    async with service_client("chat", ROUTES, chat.context(), chat.clock) as client:
        yield Api(chat, client)
