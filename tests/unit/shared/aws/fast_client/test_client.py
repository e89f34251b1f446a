"""FastClient sends requests without botocore and behaves like botocore's client."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from shared.aws.call_limits import CALL_LIMITS
from shared.aws.fast_client import client as client_module
from shared.aws.fast_client.client import FastClient

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ATTEMPTS = CALL_LIMITS["dynamodb"].attempts


class Credentials:
    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return ReadOnlyCredentials("AKID", "secret", "session")


class BotocoreClient:
    """The parts of aiobotocore's client that FastClient uses."""

    def __init__(self, url: str) -> None:
        model = SimpleNamespace(
            signing_name="dynamodb", metadata={"jsonVersion": "1.0", "targetPrefix": "DynamoDB_20120810"}
        )
        names = {method: method.title().replace("_", "") for method in client_module.FAST_CLIENTS["dynamodb"]}
        self.meta = SimpleNamespace(
            endpoint_url=url, region_name="eu-west-1", service_model=model, method_to_api_mapping=names
        )
        self.scan = "botocore's own"

    def get_paginator(self, name: str) -> str:
        return f"botocore's pages of {name}"


class Service:
    """Calls the handlers in `answers` in order; repeats the last one."""

    def __init__(self) -> None:
        self.answers: list[Handler] = []
        self.requests: list[tuple[Mapping[str, str], Any]] = []

    async def handle(self, http: web.Request) -> web.StreamResponse:
        self.requests.append((http.headers, json.loads(await http.read())))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(http)


def responds(body: Any, status: int = 200) -> Handler:
    async def answer(_http: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


async def closes_connection(http: web.Request) -> web.StreamResponse:
    assert http.transport
    http.transport.close()
    return web.Response()


async def sends_nothing(_http: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


def error(code: str, status: int = 400) -> Handler:
    return responds({"__type": f"com.amazonaws#{code}", "message": "no"}, status)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses between the attempts of the client instead of sleeping."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(client_module, "asyncio", SimpleNamespace(sleep=sleep))
    return pauses


@pytest.fixture
async def dynamodb(service: Service, waits: list[float]) -> AsyncIterator[FastClient]:  # noqa: ARG001 - no attempt sleeps
    app = web.Application()
    app.router.add_post("/", service.handle)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(app))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_read=0.2))
        )
        yield FastClient("dynamodb", BotocoreClient(str(server.make_url(""))), Credentials(), session)


async def test_a_call_sends_a_signed_json_request(dynamodb: FastClient, service: Service) -> None:
    service.answers.append(responds({"Item": {"pk": {"S": "ä"}}}))
    assert await dynamodb.get_item(TableName="t", Key={"pk": {"S": "ä"}}) == {"Item": {"pk": {"S": "ä"}}}  # type: ignore[attr-defined]
    ((headers, body),) = service.requests
    assert body == {"TableName": "t", "Key": {"pk": {"S": "ä"}}}
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert headers["x-amz-security-token"] == "session"


async def test_times_and_bytes_are_encoded_for_the_wire(dynamodb: FastClient, service: Service) -> None:
    service.answers.append(responds({}))
    await dynamodb.put_item(at=datetime(2026, 1, 1, tzinfo=UTC), raw=b"hi")  # type: ignore[attr-defined]
    assert service.requests[0][1] == {"at": 1767225600.0, "raw": "aGk="}


async def test_a_value_that_json_cannot_encode_is_refused_before_it_is_sent(
    dynamodb: FastClient, service: Service
) -> None:
    with pytest.raises(TypeError, match="set"):
        await dynamodb.put_item(Item={1, 2})  # type: ignore[attr-defined]
    assert service.requests == []


@pytest.mark.parametrize(
    "bad",
    [error("ThrottlingException"), error("InternalServerError", 500), responds({}, 503), closes_connection],
    ids=["throttled", "internal error", "unavailable", "connection closed"],
)
async def test_a_transient_failure_is_retried_with_jitter(
    dynamodb: FastClient, service: Service, waits: list[float], bad: Handler
) -> None:
    service.answers += [bad, bad, responds({"ok": True})]
    assert await dynamodb.put_item() == {"ok": True}  # type: ignore[attr-defined]
    assert len(waits) == 2
    assert all(0 <= wait <= 0.05 * 2 ** (number + 1) for number, wait in enumerate(waits))


@pytest.mark.parametrize(
    ("bad", "raised"),
    [
        (error("ThrottlingException"), ClientError),
        (closes_connection, ConnectionClosedError),
        (sends_nothing, ReadTimeoutError),
    ],
    ids=["throttled", "connection closed", "no response"],
)
async def test_the_error_of_the_last_attempt_is_raised(
    dynamodb: FastClient, service: Service, waits: list[float], bad: Handler, raised: type[Exception]
) -> None:
    service.answers.append(bad)
    with pytest.raises(raised):
        await dynamodb.put_item()  # type: ignore[attr-defined]
    assert len(service.requests) == ATTEMPTS
    assert len(waits) == ATTEMPTS - 1
    assert max(waits) <= 2


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"])
async def test_a_client_error_is_not_retried(dynamodb: FastClient, service: Service, code: str) -> None:
    service.answers.append(error(code))
    with pytest.raises(ClientError, match=code):
        await dynamodb.put_item()  # type: ignore[attr-defined]
    assert len(service.requests) == 1


async def test_each_attempt_is_signed_again(dynamodb: FastClient, service: Service) -> None:
    service.answers += [closes_connection, responds({})]
    await dynamodb.put_item()  # type: ignore[attr-defined]
    bodies = [body for _, body in service.requests]
    assert bodies == [{}, {}]
    assert all("authorization" in headers for headers, _ in service.requests)


async def test_a_refused_connection_raises_an_endpoint_connection_error(
    waits: list[float], unused_tcp_port: int
) -> None:
    async with aiohttp.ClientSession() as session:
        client = FastClient("dynamodb", BotocoreClient(f"http://127.0.0.1:{unused_tcp_port}"), Credentials(), session)
        with pytest.raises(EndpointConnectionError):
            await client.put_item()  # type: ignore[attr-defined]
    assert len(waits) == ATTEMPTS - 1


async def test_without_credentials_nothing_is_sent(waits: list[float]) -> None:
    async with aiohttp.ClientSession() as session:
        client = FastClient("dynamodb", BotocoreClient("http://127.0.0.1:9"), None, session)
        with pytest.raises(NoCredentialsError):
            await client.put_item()  # type: ignore[attr-defined]
    assert waits == []


async def test_the_query_paginator_requests_page_after_page(dynamodb: FastClient, service: Service) -> None:
    service.answers += [responds({"Items": [1], "LastEvaluatedKey": {"pk": "a"}}), responds({"Items": [2]})]
    pages = [page["Items"] async for page in dynamodb.get_paginator("query").paginate(TableName="t")]
    assert pages == [[1], [2]]
    assert [body for _, body in service.requests] == [
        {"TableName": "t"},
        {"TableName": "t", "ExclusiveStartKey": {"pk": "a"}},
    ]


def test_other_operations_are_those_of_botocore() -> None:
    client = FastClient("dynamodb", BotocoreClient("http://aws"), Credentials(), None)  # type: ignore[arg-type]
    assert client.scan == "botocore's own"
    assert client.get_paginator("scan") == "botocore's pages of scan"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://dynamodb.eu-west-1.amazonaws.com/", "dynamodb.eu-west-1.amazonaws.com"),
        ("https://aws.example:443/", "aws.example"),
        ("http://127.0.0.1:4566/", "127.0.0.1:4566"),
        ("http://aws.example:80/", "aws.example"),
    ],
)
def test_the_signed_host_has_no_default_port(url: str, host: str) -> None:
    assert client_module._host(url) == host
