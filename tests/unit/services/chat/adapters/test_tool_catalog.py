"""Chat learns of tools from agents: seldom, as itself, and without falling when agents does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from pydantic import SecretStr

from services.agents.api import ROUTES
from services.agents.tables import CallsTable
from services.agents.tools import TOOLS
from services.agents.trials import ToolTrials
from services.chat.adapters.tool_catalog import (
    FRESH_S,
    STALE_S,
    AgentsToolCatalog,
    ToolsUnavailableError,
    UnknownToolError,
)
from shared.http import build_app, serving
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from shared.ids import UlidIds
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import FakeVerifier

SECRET = SecretStr("what services know, and nobody else does")
LISTED = {
    "items": [
        {"name": name, "description": f"does {name}", "input_schema": {"type": "object"}, "limits": {}}
        for name in ("calculator", "clock")
    ]
}


class FakeAgents:
    """Answers `answers` one after the other, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Any] = [LISTED]
        self.asked = 0
        self.hangs = False

    async def handle(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=answer) if isinstance(answer, int) else web.json_response(answer)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def agents() -> FakeAgents:
    return FakeAgents()


def at(address: str) -> Callable[[], Awaitable[str]]:
    async def find() -> str:
        return address

    return find


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def toolbox(agents: FakeAgents, session: ClientSession, clock: FakeClock) -> AsyncIterator[AgentsToolCatalog]:
    app = web.Application()
    app.router.add_get("/internal/agents/tools", agents.handle)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield AgentsToolCatalog(
            session, at(f"http://127.0.0.1:{runner.addresses[0][1]}"), lambda: "token", clock, timeout_s=0.1
        )
    finally:
        await runner.cleanup()


async def test_tools_come_in_the_order_in_which_they_were_asked_for_and_once(toolbox: AgentsToolCatalog) -> None:
    specs = await toolbox.specs(["clock", "calculator", "clock"])
    assert [spec.name for spec in specs] == ["clock", "calculator"]
    assert specs[0].description == "does clock"
    assert specs[0].input_schema == {"type": "object"}


async def test_no_tools_cost_no_question(toolbox: AgentsToolCatalog, agents: FakeAgents) -> None:
    assert await toolbox.specs([]) == []
    assert agents.asked == 0


async def test_a_tool_that_is_not_there_is_named(toolbox: AgentsToolCatalog) -> None:
    with pytest.raises(UnknownToolError) as caught:
        await toolbox.specs(["calculator", "compiler"])
    assert caught.value.name == "compiler"


async def test_many_who_ask_at_once_and_within_a_minute_are_one_question(
    toolbox: AgentsToolCatalog, agents: FakeAgents, clock: FakeClock
) -> None:
    await asyncio.gather(*(toolbox.specs(["clock"]) for _ in range(10)))
    clock.advance(FRESH_S - 1)
    await toolbox.specs(["clock"])
    assert agents.asked == 1
    clock.advance(1)
    await toolbox.specs(["clock"])
    assert agents.asked == 2


@pytest.mark.parametrize("fault", [500, 401, 302, {"items": "none"}, {"items": [{"name": 1}]}, {"nothing": []}, []])
async def test_one_bad_answer_is_asked_again(toolbox: AgentsToolCatalog, agents: FakeAgents, fault: Any) -> None:
    agents.answers = [fault, LISTED]
    assert len(await toolbox.specs(["clock"])) == 1
    assert agents.asked == 2


async def test_a_list_without_end_is_not_read_to_the_end(toolbox: AgentsToolCatalog, agents: FakeAgents) -> None:
    agents.answers = [{"items": [], "padding": "x" * 2**20}, LISTED]
    assert len(await toolbox.specs(["clock"])) == 1


async def test_when_agents_hangs_nobody_waits_for_long(toolbox: AgentsToolCatalog, agents: FakeAgents) -> None:
    agents.hangs = True
    async with asyncio.timeout(5):
        with pytest.raises(ToolsUnavailableError):
            await toolbox.specs(["clock"])
    assert agents.asked == 2


async def test_when_agents_is_down_the_old_list_counts_for_an_hour(
    toolbox: AgentsToolCatalog, agents: FakeAgents, clock: FakeClock
) -> None:
    await toolbox.specs(["clock"])
    agents.answers = [503]
    clock.advance(STALE_S - 1)
    assert len(await toolbox.specs(["clock"])) == 1
    clock.advance(1)
    with pytest.raises(ToolsUnavailableError):
        await toolbox.specs(["clock"])


async def test_a_service_that_is_down_is_not_asked_for_every_message_but_soon_again(
    toolbox: AgentsToolCatalog, agents: FakeAgents, clock: FakeClock
) -> None:
    agents.answers = [503]
    for _ in range(5):
        with pytest.raises(ToolsUnavailableError):
            await toolbox.specs(["clock"])
    assert agents.asked == 2
    agents.answers = [LISTED]
    clock.advance(5)
    assert len(await toolbox.specs(["clock"])) == 1


async def test_a_deployment_without_agents_has_no_tools(session: ClientSession, clock: FakeClock) -> None:
    toolbox = AgentsToolCatalog(session, at(""), lambda: "token", clock)
    with pytest.raises(UnknownToolError):
        await toolbox.specs(["calculator"])


@pytest.mark.parametrize(("audience", "gets_in"), [("agents", True), ("bots", False)])
async def test_the_real_agents_answers_who_has_a_token_for_it(
    session: ClientSession, clock: FakeClock, audience: str, gets_in: bool
) -> None:
    table = CallsTable(FakeDynamoDb(), "agents", clock)  # type: ignore[arg-type]
    app = build_app(
        "agents", ROUTES, ToolTrials(TOOLS, table, clock, UlidIds(clock)), FakeVerifier(), {},
        cursor_secret=SECRET, internal_verifier=InternalTokens("agents", SECRET, clock=clock), clock=clock,
    )  # fmt: skip
    chat = InternalTokens("chat", SECRET, clock=clock)
    async with serving(app, "127.0.0.1", 0) as port:
        toolbox = AgentsToolCatalog(
            session, at(f"http://127.0.0.1:{port}"), lambda: chat.sign(audience, Principal("chat", "service")), clock
        )
        if not gets_in:
            with pytest.raises(ToolsUnavailableError):
                await toolbox.specs(["calculator"])
            return
        (calculator,) = await toolbox.specs(["calculator"])
        assert calculator.input_schema["required"] == ["expression"]
