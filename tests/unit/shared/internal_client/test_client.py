"""One service asks another: with a token for it, in two attempts of 2 s, and for at most 1 MB."""

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

SECRET = SecretStr("what services know, and nobody else does")
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


async def ask(client: InternalClient) -> Tool:
    return await client.get("tools", Tool, PERSON)


async def test_the_answer_comes_in_the_form_that_was_asked_for(
    client: InternalClient, agents: FakeInternalService
) -> None:
    assert await ask(client) == Tool(name="calculator")
    (request,) = agents.requests
    assert (request.method, request.path) == ("GET", "/internal/agents/tools")


async def test_the_request_has_a_token_for_this_service_that_names_the_person_and_who_asks(
    client: InternalClient, agents: FakeInternalService, clock: FakeClock
) -> None:
    await ask(client)
    scheme, _, token = agents.requests[0].headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    asked_by = await InternalTokens("agents", SECRET, clock=clock).verify(token)
    assert asked_by == Principal("ann", "service", frozenset({"Admin"}), via="chat")


async def test_each_request_has_a_token_that_is_still_good(
    client: InternalClient, agents: FakeInternalService, clock: FakeClock
) -> None:
    await ask(client)
    clock.advance(3600)
    await ask(client)
    token = agents.requests[1].headers["Authorization"].removeprefix("Bearer ")
    assert (await InternalTokens("agents", SECRET, clock=clock).verify(token)).subject == "ann"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_service_that_fails_or_has_too_many_requests_is_asked_once_more(
    client: InternalClient, agents: FakeInternalService, status: int, clock: FakeClock
) -> None:
    agents.answers = [status, GOOD]
    assert await ask(client) == Tool(name="calculator")
    assert agents.asked == ATTEMPTS == 2
    (pause,) = clock.slept
    assert pause <= 0.5


async def test_a_service_that_fails_twice_is_unavailable(client: InternalClient, agents: FakeInternalService) -> None:
    agents.answers = [503]
    with pytest.raises(ServiceUnavailableError, match="agents: status 503"):
        await ask(client)
    assert agents.asked == 2


async def test_every_question_has_its_own_two_attempts(client: InternalClient, agents: FakeInternalService) -> None:
    agents.answers = [503]
    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            await ask(client)
    assert agents.asked == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_not_asked_again(client: InternalClient, agents: FakeInternalService, status: int) -> None:
    agents.answers = [status, GOOD]
    with pytest.raises(ServiceUnavailableError, match=f"agents: status {status}"):
        await ask(client)
    assert agents.asked == 1


@pytest.mark.parametrize("status", [201, 206, 300, 302, 307])
async def test_only_200_is_an_answer_whatever_the_body_says(
    client: InternalClient, agents: FakeInternalService, status: int
) -> None:
    agents.answers = [web.json_response(GOOD, status=status)]
    with pytest.raises(ServiceUnavailableError, match=f"agents: status {status}"):
        await ask(client)
    assert agents.asked == 1


async def test_no_redirect_is_followed_so_that_the_token_goes_nowhere_else(
    client: InternalClient, agents: FakeInternalService
) -> None:
    elsewhere = FakeInternalService(GOOD)
    async with elsewhere.serving():
        agents.answers = [web.Response(status=302, headers={"Location": f"{elsewhere.address}/internal/agents/tools"})]
        with pytest.raises(ServiceUnavailableError):
            await ask(client)
        assert elsewhere.asked == 0


@pytest.mark.parametrize("body", [[], {}, {"name": 1}, {"names": CANARY}, {"name": [CANARY]}, CANARY])
async def test_an_answer_of_another_form_is_none_and_its_content_is_not_repeated(
    client: InternalClient, agents: FakeInternalService, body: object
) -> None:
    agents.answers = [web.json_response(body)]
    with pytest.raises(ServiceUnavailableError) as unavailable:
        await ask(client)
    assert str(unavailable.value) == "agents: unreadable answer"
    assert agents.asked == 1


async def test_an_answer_that_is_no_json_is_none(client: InternalClient, agents: FakeInternalService) -> None:
    agents.answers = [web.Response(body=b"\xff\x00{")]
    with pytest.raises(ServiceUnavailableError, match="unreadable answer"):
        await ask(client)


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
async def test_an_answer_has_1_mb_at_most(
    client: InternalClient, agents: FakeInternalService, size: int, fits: bool
) -> None:
    frame = b'{"name":""}'
    agents.answers = [web.Response(body=b'{"name":"' + b"x" * (size - len(frame)) + b'"}')]
    if fits:
        assert len((await ask(client)).name) == size - len(frame)
        return
    with pytest.raises(ServiceUnavailableError, match=f"more than {MOST_BYTES} bytes"):
        await ask(client)
    assert agents.asked == 1


async def test_an_answer_without_end_is_not_read_to_the_end(agents: FakeInternalService) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    agents.handle = handle  # type: ignore[method-assign]
    async with agents.serving() as session, asyncio.timeout(TIMEOUT_S + 5):
        with pytest.raises(ServiceUnavailableError, match=f"more than {MOST_BYTES} bytes"):
            await ask(client_to(agents.find_address, session, FakeClock()))


@pytest.fixture
def _short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 0.1)


@pytest.mark.usefixtures("_short_timeout")
async def test_a_service_that_hangs_is_waited_for_in_each_attempt_and_no_longer(
    client: InternalClient, agents: FakeInternalService
) -> None:
    agents.hangs = True
    async with asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await ask(client)
    assert agents.asked == 2


@pytest.mark.usefixtures("_short_timeout")
async def test_a_body_that_does_not_come_to_its_end_counts_as_silence(agents: FakeInternalService) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"name":')
        await asyncio.Event().wait()
        return response

    agents.handle = handle  # type: ignore[method-assign]
    async with agents.serving() as session, asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await ask(client_to(agents.find_address, session, FakeClock()))


@pytest.mark.usefixtures("_short_timeout")
async def test_the_look_up_of_the_address_counts_too(session: ClientSession, clock: FakeClock) -> None:
    looked_up = 0

    async def find() -> str:
        nonlocal looked_up
        looked_up += 1
        await asyncio.Event().wait()
        return ""

    async with asyncio.timeout(5):
        with pytest.raises(ServiceUnavailableError, match="agents: TimeoutError"):
            await ask(client_to(find, session, clock))
    assert looked_up == 2


async def test_a_service_without_an_address_is_not_deployed_and_not_tried_again(
    session: ClientSession, clock: FakeClock
) -> None:
    with pytest.raises(NotDeployedError):
        await ask(client_to(at(""), session, clock))
    assert clock.slept == []


async def test_an_address_that_nobody_knows_now_is_looked_up_once_more(
    agents: FakeInternalService, session: ClientSession, clock: FakeClock
) -> None:
    faults = [ConnectionError("the parameter cannot be looked up")]

    async def find() -> str:
        if faults:
            raise faults.pop()
        return agents.address

    assert await ask(client_to(find, session, clock)) == Tool(name="calculator")


async def test_where_nobody_listens_the_service_is_unavailable(
    agents: FakeInternalService, session: ClientSession, clock: FakeClock
) -> None:
    gone = FakeInternalService(GOOD)
    async with gone.serving():
        pass
    with pytest.raises(ServiceUnavailableError, match="agents: ClientConnectorError"):
        await ask(client_to(gone.find_address, session, clock))
    assert len(clock.slept) == 1
    assert agents.asked == 0


async def test_a_cancelled_question_is_not_asked_again(client: InternalClient, agents: FakeInternalService) -> None:
    agents.hangs = True
    asking = asyncio.create_task(ask(client))
    await agents.was_asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert agents.asked == 1
