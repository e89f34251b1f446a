"""Fetching the key set from an endpoint that may fail."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.identity import KeysUnavailable
from shared.identity.jwks_fetch import fetch_from
from tests.fakes.clock import FakeClock

Answers = list[Callable[[], web.Response]]


@pytest.fixture
def answers() -> Answers:
    return []


@pytest.fixture
async def url(answers: Answers) -> AsyncIterator[str]:
    async def jwks(_request: web.Request) -> web.Response:
        return answers.pop(0)()

    app = web.Application()

    async def elsewhere(_request: web.Request) -> web.Response:
        return good()

    app.router.add_get("/jwks.json", jwks)
    app.router.add_get("/elsewhere.json", elsewhere)
    async with TestServer(app) as server:
        yield str(server.make_url("/jwks.json"))


def good() -> web.Response:
    return web.json_response({"keys": []})


def busy() -> web.Response:
    return web.Response(status=503)


async def test_the_document_is_fetched(url: str, answers: Answers) -> None:
    answers.append(good)
    assert await fetch_from(url)() == {"keys": []}


async def test_two_failures_are_retried_with_jittered_waits(url: str, answers: Answers) -> None:
    clock = FakeClock()
    answers += [busy, busy, good]
    assert await fetch_from(url, clock=clock)() == {"keys": []}
    assert len(clock.slept) == 2
    assert all(0 <= wait <= 1 for wait in clock.slept)


@pytest.mark.parametrize(
    "bad",
    [
        busy,
        lambda: web.Response(text="<html>"),
        lambda: web.Response(text="[]"),
        lambda: web.Response(text='{"keys": "' + "x" * 70_000 + '"}'),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}),
    ],
)
async def test_after_three_failures_keys_are_unavailable(
    url: str, answers: Answers, bad: Callable[[], web.Response]
) -> None:
    answers += [bad] * 9
    with pytest.raises(KeysUnavailable):
        await fetch_from(url, clock=FakeClock())()
    assert len(answers) == 6


async def test_each_call_of_fetch_has_its_own_attempts(url: str, answers: Answers) -> None:
    fetch = fetch_from(url, clock=FakeClock())
    answers += [busy, good, busy, busy, good]
    assert await fetch() == await fetch()


async def test_a_refused_connection_means_keys_unavailable(unused_tcp_port: int) -> None:
    with pytest.raises(KeysUnavailable):
        await fetch_from(f"http://127.0.0.1:{unused_tcp_port}/jwks.json", clock=FakeClock())()


async def test_a_redirect_is_not_followed(url: str, answers: Answers) -> None:
    answers += [lambda: web.Response(status=302, headers={"Location": "/elsewhere.json"})] * 3
    with pytest.raises(KeysUnavailable):
        await fetch_from(url, clock=FakeClock())()


@pytest.mark.parametrize(("size", "accepted"), [(64 * 1024, True), (64 * 1024 + 1, False)])
async def test_a_document_has_at_most_64_kb(url: str, answers: Answers, size: int, accepted: bool) -> None:
    document = '{"keys": "' + "x" * (size - 12) + '"}'
    assert len(document) == size
    answers += [lambda: web.Response(text=document)] * 3
    if accepted:
        assert len((await fetch_from(url, clock=FakeClock())())["keys"]) == size - 12
    else:
        with pytest.raises(KeysUnavailable):
            await fetch_from(url, clock=FakeClock())()
