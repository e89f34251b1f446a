"""InternalClient: requests with an internal token, two attempts of 2 s, and answers of at most 1 MB."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from pydantic import BaseModel, SecretStr

from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from shared.internal_client import InternalClient, NotDeployedError, ServiceUnavailableError
from shared.internal_client import client as client_module
from shared.internal_client.client import ATTEMPTS, MOST_BYTES, TIMEOUT_S
from tests.fakes.clock import FakeClock
from tests.fakes.internal_service import FakeInternalService, at

SECRET = SecretStr("a secret that only the services share")
PERSON = Principal("ann", "user", frozenset({"Admin"}))
GOOD = {"name": "calculator"}
CANARY = "canary"


class Tool(BaseModel):
    name: str


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def agents() -> FakeInternalService:
    return FakeInternalService(GOOD)


@pytest.fixture
async def session(agents: FakeInternalService) -> AsyncIterator[ClientSession]:
    async with agents.serving() as session:
        yield session


@pytest.fixture
def client(agents: FakeInternalService, session: ClientSession, clock: FakeClock) -> InternalClient:
    return client_to(agents.find_address, session, clock)


def client_to(find_address: Any, session: ClientSession, clock: FakeClock) -> InternalClient:
    return InternalClient("agents", session, find_address, InternalTokens("chat", SECRET, clock=clock), clock)


async def get_tool(client: InternalClient) -> Tool:
    return await client.get("tools", Tool, PERSON)


async def test_the_answer_is_parsed_into_the_requested_model(
    client: InternalClient, agents: FakeInternalService
) -> None:
    assert await get_tool(client) == Tool(name="calculator")
    (request,) = agents.requests
    assert (request.method, request.path) == ("GET", "/internal/agents/tools")


async def test_the_request_has_a_token_with_the_person_and_the_calling_service(
    client: InternalClient, agents: FakeInternalService, clock: FakeClock
) -> None:
    await get_tool(client)
    scheme, _, token = agents.requests[0].headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    principal = await InternalTokens("agents", SECRET, clock=clock).verify(token)
    assert principal == Principal("ann", "service", frozenset({"Admin"}), via="chat")


async def test_each_request_has_a_token_that_has_not_expired(
    client: InternalClient, agents: FakeInternalService, clock: FakeClock
) -> None:
    await get_tool(client)
    clock.advance(3600)
    await get_tool(client)
    token = agents.requests[1].headers["Authorization"].removeprefix("Bearer ")
    assert (await InternalTokens("agents", SECRET, clock=clock).verify(token)).subject == "ann"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_5xx_or_429_is_retried_once(
    client: InternalClient, agents: FakeInternalService, status: int, clock: FakeClock
) -> None:
    agents.answers = [status, GOOD]
    assert await get_tool(client) == Tool(name="calculator")
    assert agents.asked == ATTEMPTS == 2
    (pause,) = clock.slept
    assert pause <= 0.5


async def test_after_two_failures_the_service_is_unavailable(
    client: InternalClient, agents: FakeInternalService
) -> None:
    agents.answers = [503]
    with pytest.raises(ServiceUnavailableError, match="agents: status 503"):
        await get_tool(client)
    assert agents.asked == 2


async def test_each_call_has_its_own_two_attempts(client: InternalClient, agents: FakeInternalService) -> None:
    agents.answers = [503]
    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            await get_tool(client)
    assert agents.asked == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_4xx_is_not_retried(client: InternalClient, agents: FakeInternalService, status: int) -> None:
    agents.answers = [status, GOOD]
    with pytest.raises(ServiceUnavailableError, match=f"agents: status {status}"):
        await get_tool(client)
    assert agents.asked == 1


@pytest.mark.parametrize("status", [201, 206, 300, 302, 307])
async def test_any_other_status_than_200_is_an_error(
    client: InternalClient, agents: FakeInternalService, status: int
) -> None:
    agents.answers = [web.json_response(GOOD, status=status)]
    with pytest.raises(ServiceUnavailableError, match=f"agents: status {status}"):
        await get_tool(client)
    assert agents.asked == 1


async def test_redirects_are_not_followed_so_that_the_token_stays_with_its_service(
    client: InternalClient, agents: FakeInternalService
) -> None:
    elsewhere = FakeInternalService(GOOD)
    async with elsewhere.serving():
        agents.answers = [web.Response(status=302, headers={"Location": f"{elsewhere.address}/internal/agents/tools"})]
        with pytest.raises(ServiceUnavailableError):
            await get_tool(client)
        assert elsewhere.asked == 0


@pytest.mark.parametrize("body", [[], {}, {"name": 1}, {"names": CANARY}, {"name": [CANARY]}, CANARY])
async def test_an_answer_that_does_not_fit_the_model_is_an_error_without_its_content(
    client: InternalClient, agents: FakeInternalService, body: object
) -> None:
    agents.answers = [web.json_response(body)]
    with pytest.raises(ServiceUnavailableError) as unavailable:
        await get_tool(client)
    assert str(unavailable.value) == "agents: unreadable answer"
    assert agents.asked == 1


async def test_an_answer_that_is_not_json_is_an_error(client: InternalClient, agents: FakeInternalService) -> None:
    agents.answers = [web.Response(body=b"\xff\x00{")]
    with pytest.raises(ServiceUnavailableError, match="unreadable answer"):
        await get_tool(client)


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
async def test_an_answer_above_1_mb_is_an_error(
    client: InternalClient, agents: FakeInternalService, size: int, fits: bool
) -> None:
    frame = b'{"name":""}'
    agents.answers = [web.Response(body=b'{"name":"' + b"x" * (size - len(frame)) + b'"}')]
    if fits:
        assert len((await get_tool(client)).name) == size - len(frame)
        return
    with pytest.raises(ServiceUnavailableError, match=f"more than {MOST_BYTES} bytes"):
        await get_tool(client)
    assert agents.asked == 1


async def test_an_endless_answer_is_read_up_to_the_limit(agents: FakeInternalService) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    agents.handle = handle  # type: ignore[method-assign]
    async with agents.serving() as session, asyncio.timeout(TIMEOUT_S + 5):
        with pytest.raises(ServiceUnavailableError, match=f"more than {MOST_BYTES} bytes"):
            await get_tool(client_to(agents.find_address, session, FakeClock()))


@pytest.fixture
def _short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 0.1)


@pytest.mark.usefixtures("_short_timeout")
async def test_each_attempt_to_call_a_hanging_service_times_out(
    client: InternalClient, agents: FakeInternalService
) -> None:
    agents.hangs = True
    async with asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await get_tool(client)
    assert agents.asked == 2


@pytest.mark.usefixtures("_short_timeout")
async def test_an_incomplete_body_times_out(agents: FakeInternalService) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"name":')
        await asyncio.Event().wait()
        return response

    agents.handle = handle  # type: ignore[method-assign]
    async with agents.serving() as session, asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await get_tool(client_to(agents.find_address, session, FakeClock()))


@pytest.mark.usefixtures("_short_timeout")
async def test_the_timeout_includes_the_lookup_of_the_address(session: ClientSession, clock: FakeClock) -> None:
    lookups = 0

    async def find() -> str:
        nonlocal lookups
        lookups += 1
        await asyncio.Event().wait()
        return ""

    async with asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await get_tool(client_to(find, session, clock))
    assert lookups == 2


async def test_a_service_without_an_address_is_not_deployed_and_not_retried(
    session: ClientSession, clock: FakeClock
) -> None:
    with pytest.raises(NotDeployedError):
        await get_tool(client_to(at(""), session, clock))
    assert clock.slept == []


async def test_a_failed_lookup_of_the_address_is_retried_once(
    agents: FakeInternalService, session: ClientSession, clock: FakeClock
) -> None:
    errors = [ConnectionError("the parameter cannot be looked up")]

    async def find() -> str:
        if errors:
            raise errors.pop()
        return agents.address

    assert await get_tool(client_to(find, session, clock)) == Tool(name="calculator")


async def test_a_refused_connection_means_unavailable(
    agents: FakeInternalService, session: ClientSession, clock: FakeClock
) -> None:
    stopped = FakeInternalService(GOOD)
    async with stopped.serving():
        pass
    with pytest.raises(ServiceUnavailableError, match="agents: ClientConnectorError"):
        await get_tool(client_to(stopped.find_address, session, clock))
    assert len(clock.slept) == 1
    assert agents.asked == 0


async def test_a_cancelled_call_is_not_retried(client: InternalClient, agents: FakeInternalService) -> None:
    agents.hangs = True
    call = asyncio.create_task(get_tool(client))
    await agents.was_asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert agents.asked == 1
