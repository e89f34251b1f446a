"""Who is asked for an answer, and asked again only while nobody hears."""

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


class Places:
    """Where the model is, each time that it is asked for; the last place stays."""

    def __init__(self, *places: Endpoint) -> None:
        self._places = list(places)
        self.asked = 0

    async def __call__(self) -> Endpoint:
        self.asked += 1
        return self._places.pop(0) if len(self._places) > 1 else self._places[0]


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "_BETWEEN_S", 0)


async def said(places: Places) -> list[str | None]:
    async with Completions(places).stream({"model": "m"}) as chunks:
        return [choice.delta.content async for chunk in chunks for choice in chunk.choices]


def answering(heard: list[Any], status: int = 200) -> web.Application:
    async def answer(http: web.Request) -> web.Response:
        heard.append((await http.json(), http.headers.get("Authorization")))
        return web.Response(status=status, text='data: {"choices": [{"delta": {"content": "one"}}]}\n\ndata: [DONE]\n')

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    return app


def dropping(heard: list[Any], *, with_rst: bool) -> web.Application:
    """Takes the request, then the connection ends as that of a killed process does: reset when it had unread bytes."""

    async def drop(http: web.Request) -> web.Response:
        heard.append(await http.json())
        assert http.transport
        if with_rst:
            lingering = struct.pack("ii", 1, 0)
            http.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering)
        http.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/chat/completions", drop)
    return app


def silent() -> web.Application:
    async def wait(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/chat/completions", wait)
    return app


async def test_a_process_that_has_just_died_is_asked_for_anew() -> None:
    heard: list[Any] = []
    async with TestServer(answering(heard)) as server:
        places = Places(DEAD, DEAD, Endpoint(str(server.make_url("/v1")), "key"))
        assert await said(places) == ["one"]
    assert heard == [({"model": "m"}, "Bearer key")]


@pytest.mark.parametrize("with_rst", [True, False], ids=["reset", "closed"])
async def test_a_process_that_dies_before_it_answers_is_asked_for_anew(*, with_rst: bool) -> None:
    heard: list[Any] = []
    async with TestServer(dropping(heard, with_rst=with_rst)) as dying, TestServer(answering(heard)) as server:
        places = Places(*(Endpoint(str(each.make_url("/v1"))) for each in (dying, dying, server)))
        assert await said(places) == ["one"]
    assert len(heard) == 3


async def test_a_silent_one_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completions, "_TIMEOUT", aiohttp.ClientTimeout(sock_read=0.01))
    async with TestServer(silent()) as server:
        places = Places(Endpoint(str(server.make_url("/v1"))))
        with pytest.raises(BedrockError) as failed:
            await said(places)
    assert failed.value.kind == "ModelTimeoutException"
    assert places.asked == 1


async def test_nobody_there_is_told_after_a_bounded_number_of_attempts() -> None:
    places = Places(DEAD)
    with pytest.raises(BedrockError, match="Cannot connect") as failed:
        await said(places)
    assert failed.value.kind == "ServiceUnavailableException"
    assert places.asked == 10


async def test_who_was_heard_is_not_asked_again() -> None:
    heard: list[Any] = []
    async with TestServer(answering(heard, status=503)) as server:
        with pytest.raises(BedrockError):
            await said(Places(Endpoint(str(server.make_url("/v1")))))
    assert heard == [({"model": "m"}, None)]


def counting(status: int, text: str, heard: list[Any]) -> web.Application:
    async def answer(http: web.Request) -> web.Response:
        heard.append((await http.json(), http.headers.get("Authorization")))
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_post("/v1/chat/completions/input_tokens", answer)
    return app


async def count(application: web.Application) -> int:
    async with TestServer(application) as server:
        return await Completions(Places(Endpoint(str(server.make_url("/v1")), "key"))).count({"model": "m"})


async def test_llama_cpp_counts_the_prompt_of_a_completion() -> None:
    heard: list[Any] = []
    assert await count(counting(200, '{"input_tokens": 21}', heard)) == 21
    assert heard == [({"model": "m"}, "Bearer key")]


async def test_a_server_without_a_route_for_it_cannot_count() -> None:
    with pytest.raises(BedrockError, match="doesn't support counting tokens") as refused:
        await count(web.Application())
    assert refused.value.kind == "ValidationException"


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [(503, "", "ServiceUnavailableException"), (400, "", "ValidationException"), (200, "{}", "ModelErrorException")],
)
async def test_a_count_that_fails_is_bedrocks_error(status: int, text: str, kind: str) -> None:
    with pytest.raises(BedrockError) as failed:
        await count(counting(status, text, []))
    assert failed.value.kind == kind
