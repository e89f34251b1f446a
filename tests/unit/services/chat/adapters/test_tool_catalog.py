"""Chat learns of tools from agents: seldom, as itself, and without falling when agents does."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from services.agents.api import ROUTES
from services.agents.tables import CallsTable
from services.agents.tools import TOOLS
from services.agents.trials import ToolTrials
from services.chat.adapters.tool_catalog import AgentsToolCatalog
from services.chat.domain import ToolOffer
from shared.http import build_app, serving
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from shared.ids import UlidIds
from shared.internal_client import InternalClient
from shared.internal_client import client as client_module
from shared.internal_client.cache import FRESH_S, STALE_S
from shared.problems import Problem
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.http_service import FakeVerifier
from tests.fakes.internal_service import FakeInternalService, at

SECRET = SecretStr("what services know, and nobody else does")
LISTED = {
    "items": [
        {"name": name, "description": f"does {name}", "input_schema": {"type": "object"}, "limits": {}}
        for name in ("calculator", "clock")
    ]
}


class TokensForBots(InternalTokens):
    """Signs for bots, whoever is asked."""

    def sign(self, audience: str, person: Principal) -> str:  # noqa: ARG002 - that is the point
        return super().sign("bots", person)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def agents() -> FakeInternalService:
    return FakeInternalService(LISTED)


@pytest.fixture
async def session(agents: FakeInternalService) -> AsyncIterator[ClientSession]:
    async with agents.serving() as session:
        yield session


@pytest.fixture
def toolbox(agents: FakeInternalService, session: ClientSession, clock: FakeClock) -> AgentsToolCatalog:
    return catalog(agents.find_address, session, clock)


def offer(*names: str) -> ToolOffer:
    return ToolOffer(names, "ann", "user", "conv_1")


def catalog(
    find_address: Any, session: ClientSession, clock: FakeClock, tokens: type[InternalTokens] = InternalTokens
) -> AgentsToolCatalog:
    client = InternalClient("agents", session, find_address, tokens("chat", SECRET, clock=clock), clock)
    return AgentsToolCatalog(client, clock)


async def test_tools_come_in_the_order_in_which_they_were_asked_for_and_once(toolbox: AgentsToolCatalog) -> None:
    specs = await toolbox.offered(offer("clock", "calculator", "clock"))
    assert [spec.name for spec in specs] == ["clock", "calculator"]
    assert specs[0].description == "does clock"
    assert specs[0].input_schema == {"type": "object"}


async def test_chat_asks_for_itself(toolbox: AgentsToolCatalog, agents: FakeInternalService, clock: FakeClock) -> None:
    await toolbox.offered(offer("clock"))
    (request,) = agents.requests
    assert request.path == "/internal/agents/tools"
    token = request.headers["Authorization"].removeprefix("Bearer ")
    asked_by = await InternalTokens("agents", SECRET, clock=clock).verify(token)
    assert asked_by == Principal("chat", "service", via="chat")


async def test_no_tools_cost_no_question(toolbox: AgentsToolCatalog, agents: FakeInternalService) -> None:
    assert await toolbox.offered(offer()) == []
    assert agents.asked == 0


async def test_a_tool_that_is_not_there_is_named(toolbox: AgentsToolCatalog) -> None:
    with pytest.raises(Problem, match="tool-not-found") as caught:
        await toolbox.offered(offer("calculator", "compiler"))
    assert "compiler" in caught.value.detail


async def test_many_who_ask_at_once_and_within_a_minute_are_one_question(
    toolbox: AgentsToolCatalog, agents: FakeInternalService, clock: FakeClock
) -> None:
    await asyncio.gather(*(toolbox.offered(offer("clock")) for _ in range(10)))
    clock.advance(FRESH_S - 1)
    await toolbox.offered(offer("clock"))
    assert agents.asked == 1
    clock.advance(1)
    await toolbox.offered(offer("clock"))
    assert agents.asked == 2


async def test_one_error_of_agents_is_not_seen(toolbox: AgentsToolCatalog, agents: FakeInternalService) -> None:
    agents.answers = [500, LISTED]
    assert len(await toolbox.offered(offer("clock"))) == 1
    assert agents.asked == 2


@pytest.mark.parametrize("fault", [401, 302, {"items": "none"}, {"items": [{"name": 1}]}, {"nothing": []}, []])
async def test_a_bad_answer_is_no_list_and_soon_asked_again(
    toolbox: AgentsToolCatalog, agents: FakeInternalService, clock: FakeClock, fault: Any
) -> None:
    agents.answers = [fault, LISTED]
    with pytest.raises(Problem, match="tools-unavailable"):
        await toolbox.offered(offer("clock"))
    clock.advance(5)
    assert len(await toolbox.offered(offer("clock"))) == 1
    assert agents.asked == 2


async def test_a_list_that_is_too_long_is_none(toolbox: AgentsToolCatalog, agents: FakeInternalService) -> None:
    agents.answers = [LISTED | {"padding": "x" * 2**20}]
    with pytest.raises(Problem, match="tools-unavailable"):
        await toolbox.offered(offer("clock"))


async def test_when_agents_hangs_nobody_waits_for_long(
    toolbox: AgentsToolCatalog, agents: FakeInternalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 0.1)
    agents.hangs = True
    async with asyncio.timeout(5):
        with pytest.raises(Problem, match="tools-unavailable"):
            await toolbox.offered(offer("clock"))
    assert agents.asked == 2


async def test_when_agents_is_down_the_old_list_counts_for_an_hour(
    toolbox: AgentsToolCatalog, agents: FakeInternalService, clock: FakeClock
) -> None:
    await toolbox.offered(offer("clock"))
    agents.answers = [503]
    clock.advance(STALE_S - 1)
    assert len(await toolbox.offered(offer("clock"))) == 1
    clock.advance(1)
    with pytest.raises(Problem, match="tools-unavailable"):
        await toolbox.offered(offer("clock"))


async def test_a_service_that_is_down_is_not_asked_for_every_message_but_soon_again(
    toolbox: AgentsToolCatalog, agents: FakeInternalService, clock: FakeClock
) -> None:
    agents.answers = [503]
    for _ in range(5):
        with pytest.raises(Problem, match="tools-unavailable"):
            await toolbox.offered(offer("clock"))
    assert agents.asked == 2
    agents.answers = [LISTED]
    clock.advance(5)
    assert len(await toolbox.offered(offer("clock"))) == 1


async def test_a_deployment_without_agents_has_no_tools(session: ClientSession, clock: FakeClock) -> None:
    with pytest.raises(Problem, match="tool-not-found"):
        await catalog(at(""), session, clock).offered(offer("calculator"))


@pytest.mark.parametrize(("tokens", "gets_in"), [(InternalTokens, True), (TokensForBots, False)])
async def test_the_real_agents_answers_who_has_a_token_for_it(
    session: ClientSession, clock: FakeClock, tokens: type[InternalTokens], gets_in: bool
) -> None:
    table = CallsTable(FakeDynamoDb(), "agents", lambda _: None, clock)  # type: ignore[arg-type]
    app = build_app(
        "agents", ROUTES, ToolTrials(TOOLS, table, clock, UlidIds(clock)), FakeVerifier(), {},
        cursor_secret=SECRET, internal_verifier=InternalTokens("agents", SECRET, clock=clock), clock=clock,
    )  # fmt: skip
    async with serving(app, "127.0.0.1", 0) as port:
        toolbox = catalog(at(f"http://127.0.0.1:{port}"), session, clock, tokens)
        if not gets_in:
            with pytest.raises(Problem, match="tools-unavailable"):
                await toolbox.offered(offer("calculator"))
            return
        (calculator,) = await toolbox.offered(offer("calculator"))
        assert calculator.input_schema["required"] == ["expression"]
