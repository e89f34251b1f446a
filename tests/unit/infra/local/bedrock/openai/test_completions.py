"""Completions: requests are retried only if the endpoint did not answer."""

import asyncio
import socket
import struct
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.openai import completions
from infra.local.bedrock.openai.completions import Completions, Endpoint
from tests.ports import free_port

DEAD = Endpoint(f"http://127.0.0.1:{free_port()}/v1")


class FakeEndpoints:
    """Returns the endpoints one after the other; the last one repeatedly."""

    def __init__(self, *endpoints: Endpoint) -> None:
        self._endpoints = list(endpoints)
        self.calls = 0

    async def __call__(self) -> Endpoint:
        self.calls += 1
        return self._endpoints.pop(0) if len(self._endpoints) > 1 else self._endpoints[0]


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "_BETWEEN_S", 0)


async def content_of(find_endpoint: FakeEndpoints) -> list[str | None]:
    async with Completions(find_endpoint).stream({"model": "m"}) as chunks:
        return [choice.delta.content async for chunk in chunks for choice in chunk.choices]


def answering(requests: list[Any], status: int = 200) -> web.Application:
    async def answer(http: web.Request) -> web.Response:
        requests.append((await http.json(), http.headers.get("Authorization")))
        return web.Response(status=status, text='data: {"choices": [{"delta": {"content": "one"}}]}\n\ndata: [DONE]\n')

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    return app


def dropping(requests: list[Any], *, with_rst: bool) -> web.Application:
    """Closes the connection after the request, like a killed process; with RST if it had unread bytes."""

    async def drop(http: web.Request) -> web.Response:
        requests.append(await http.json())
        assert http.transport
        if with_rst:
            lingering = struct.pack("ii", 1, 0)
            http.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering)
        http.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/chat/completions", drop)
    return app


def silent_app() -> web.Application:
    async def wait(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/chat/completions", wait)
    return app


async def test_a_refused_connection_is_retried_with_the_next_endpoint() -> None:
    requests: list[Any] = []
    async with TestServer(answering(requests)) as server:
        endpoints = FakeEndpoints(DEAD, DEAD, Endpoint(str(server.make_url("/v1")), "key"))
        assert await content_of(endpoints) == ["one"]
    assert requests == [({"model": "m"}, "Bearer key")]


@pytest.mark.parametrize("with_rst", [True, False], ids=["reset", "closed"])
async def test_a_connection_lost_before_the_answer_is_retried_with_the_next_endpoint(*, with_rst: bool) -> None:
    requests: list[Any] = []
    async with (
        TestServer(dropping(requests, with_rst=with_rst)) as dropping_server,
        TestServer(answering(requests)) as server,
    ):
        endpoints = FakeEndpoints(
            *(Endpoint(str(each.make_url("/v1"))) for each in (dropping_server, dropping_server, server))
        )
        assert await content_of(endpoints) == ["one"]
    assert len(requests) == 3


async def test_a_timeout_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "_TIMEOUT", aiohttp.ClientTimeout(sock_read=0.01))
    async with TestServer(silent_app()) as server:
        endpoints = FakeEndpoints(Endpoint(str(server.make_url("/v1"))))
        with pytest.raises(BedrockError) as failed:
            await content_of(endpoints)
    assert failed.value.kind == "ModelTimeoutException"
    assert endpoints.calls == 1


async def test_after_ten_refused_connections_the_service_is_unavailable() -> None:
    endpoints = FakeEndpoints(DEAD)
    with pytest.raises(BedrockError, match="Cannot connect") as failed:
        await content_of(endpoints)
    assert failed.value.kind == "ServiceUnavailableException"
    assert endpoints.calls == 10


async def test_an_error_response_is_not_retried() -> None:
    requests: list[Any] = []
    async with TestServer(answering(requests, status=503)) as server:
        with pytest.raises(BedrockError):
            await content_of(FakeEndpoints(Endpoint(str(server.make_url("/v1")))))
    assert requests == [({"model": "m"}, None)]


def counting(status: int, text: str, requests: list[Any]) -> web.Application:
    async def answer(http: web.Request) -> web.Response:
        requests.append((await http.json(), http.headers.get("Authorization")))
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_post("/v1/chat/completions/input_tokens", answer)
    return app


async def count(application: web.Application) -> int:
    async with TestServer(application) as server:
        return await Completions(FakeEndpoints(Endpoint(str(server.make_url("/v1")), "key"))).count({"model": "m"})


async def test_a_count_requests_the_input_tokens_of_llama_cpp() -> None:
    requests: list[Any] = []
    assert await count(counting(200, '{"input_tokens": 21}', requests)) == 21
    assert requests == [({"model": "m"}, "Bearer key")]


async def test_a_count_on_a_server_without_the_route_is_a_validation_exception() -> None:
    with pytest.raises(BedrockError, match="doesn't support counting tokens") as refused:
        await count(web.Application())
    assert refused.value.kind == "ValidationException"


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [(503, "", "ServiceUnavailableException"), (400, "", "ValidationException"), (200, "{}", "ModelErrorException")],
)
async def test_a_failed_count_is_translated_to_an_error_of_bedrock(status: int, text: str, kind: str) -> None:
    with pytest.raises(BedrockError) as failed:
        await count(counting(status, text, []))
    assert failed.value.kind == kind
