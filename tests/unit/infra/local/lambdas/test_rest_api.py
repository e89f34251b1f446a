"""RestApi: requests become proxy events, and answers of functions become responses."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientError
from aiohttp.test_utils import TestClient, TestServer

from infra.local.lambdas.invocation import FunctionInvocation, InvocationError
from infra.local.lambdas.rest_api import ApiRoute, RestApi

Responder = Callable[[FunctionInvocation], None]
PRELUDE = {"statusCode": 206, "headers": {"content-type": "text/event-stream"}, "cookies": ["a=1", "b=2"]}


class FakeFunction:
    """Answers with `answer`; records the events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.answer: Responder = whole({"statusCode": 200, "body": "ok"})
        self.error: InvocationError | None = None

    async def invoke(self, event: bytes) -> FunctionInvocation:
        if self.error:
            raise self.error
        self.events.append(json.loads(event))
        invocation = FunctionInvocation(event, deadline_ms=0)
        self.answer(invocation)
        return invocation


def whole(answer: dict[str, Any]) -> Responder:
    def respond(invocation: FunctionInvocation) -> None:
        invocation.begin({}, is_streamed=False)
        invocation.write(json.dumps(answer).encode())
        invocation.end()

    return respond


def streamed(*pieces: bytes, error: InvocationError | None = None) -> Responder:
    def respond(invocation: FunctionInvocation) -> None:
        invocation.begin({}, is_streamed=True)
        for piece in pieces:
            invocation.write(piece)
        invocation.end(error)

    return respond


@pytest.fixture
def function() -> FakeFunction:
    return FakeFunction()


@pytest.fixture
async def client(function: FakeFunction) -> AsyncIterator[TestClient[Any, Any]]:
    routes = [ApiRoute("ANY", "/{proxy+}", function), ApiRoute("ANY", "/", function)]
    async with TestClient(TestServer(RestApi(routes).app())) as client:
        yield client


async def test_a_request_is_a_proxy_event(client: Any, function: FakeFunction) -> None:
    await client.post("/api/a%20b?x=1&x=2&y=", json={"é": 1}, headers={"X-One": "1", "Accept": "a"})
    (event,) = function.events
    assert (event["httpMethod"], event["path"]) == ("POST", "/api/a%20b")
    assert event["queryStringParameters"].keys() == {"x", "y"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": [""]}
    assert event["multiValueHeaders"]["X-One"] == ["1"]
    assert (json.loads(event["body"]), event["isBase64Encoded"]) == ({"é": 1}, False)


async def test_a_binary_body_is_encoded_in_base64(client: Any, function: FakeFunction) -> None:
    await client.post("/upload", data=b"\x00\xff", headers={"Content-Type": "application/octet-stream"})
    (event,) = function.events
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\x00\xff", True)


async def test_a_route_invokes_its_function_with_the_path_parameters() -> None:
    one, other = FakeFunction(), FakeFunction()
    routes = [ApiRoute("GET", "/a/{id}", one), ApiRoute("ANY", "/files/{rest+}", other)]  # type: ignore[arg-type]
    async with TestClient(TestServer(RestApi(routes).app())) as client:
        await client.get("/a/7")
        await client.put("/files/x/y")
        assert (await client.post("/a/7")).status == 403
        unknown = await client.get("/b")
        assert (unknown.status, await unknown.json()) == (403, {"message": "Missing Authentication Token"})
    (event,) = one.events
    assert (event["resource"], event["pathParameters"]) == ("/a/{id}", {"id": "7"})
    assert [event["pathParameters"] for event in other.events] == [{"rest": "x/y"}]


async def test_a_request_without_a_body_has_the_body_none(client: Any, function: FakeFunction) -> None:
    await client.get("/")
    assert (function.events[0]["body"], function.events[0]["isBase64Encoded"]) == (None, False)


async def test_a_complete_answer_keeps_its_status_headers_and_cookies(client: Any, function: FakeFunction) -> None:
    body = base64.b64encode(b"\x00\x01").decode()
    function.answer = whole(
        {
            "statusCode": 201, "body": body, "isBase64Encoded": True, "cookies": ["a=1"],
            "multiValueHeaders": {"Vary": ["Accept", "Origin"]}, "headers": {"X-One": "1", "Vary": "lost"},
        }
    )  # fmt: skip
    answer = await client.get("/")
    assert (answer.status, await answer.read()) == (201, b"\x00\x01")
    assert answer.headers.getall("Vary") == ["Accept", "Origin"]
    assert (answer.headers["X-One"], answer.headers["Set-Cookie"]) == ("1", "a=1")


@pytest.mark.parametrize("cut", [1, 30, 200])
async def test_the_prelude_of_a_streamed_answer_may_be_split(client: Any, function: FakeFunction, cut: int) -> None:
    body = json.dumps(PRELUDE).encode() + b"\0" * 8 + b"first"
    function.answer = streamed(body[:cut], body[cut:], b" second")
    answer = await client.get("/")
    assert (answer.status, await answer.read()) == (206, b"first second")
    assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]


async def test_a_failed_stream_breaks_the_connection(client: Any, function: FakeFunction) -> None:
    body = json.dumps(PRELUDE).encode() + b"\0" * 8 + b"first"
    function.answer = streamed(body, error=InvocationError("Sandbox.Timedout", "late"))
    with pytest.raises(ClientError):
        await (await client.get("/")).read()


@pytest.mark.parametrize(("pieces", "status"), [((b"no prelude",), 502), ((b"x" * 20_000,), 502), ((), 502)])
async def test_a_stream_without_a_prelude_is_a_bad_gateway(
    client: Any, function: FakeFunction, pieces: tuple[bytes, ...], status: int
) -> None:
    function.answer = streamed(*pieces)
    assert (await client.get("/")).status == status


@pytest.mark.parametrize(
    ("kind", "status"),
    [("Sandbox.Timedout", 504), ("Runtime.ExitError", 502), ("TooManyRequestsException", 429),
     ("RequestEntityTooLarge", 413)],
)  # fmt: skip
async def test_each_invocation_error_has_its_status(
    client: Any, function: FakeFunction, kind: str, status: int
) -> None:
    function.error = InvocationError(kind, "")
    assert (await client.get("/")).status == status
