"""The smoke test of a deployment."""

from collections.abc import Callable

import pytest

from infra.deploy import smoke
from infra.deploy.smoke import HttpAnswer, find_problems

EDGE, API = "https://edge", {"chat": "https://chat-api/live"}
CSP = {"Content-Security-Policy": "default-src 'self'"}


def well(url: str) -> HttpAnswer:
    if url.startswith(API["chat"]):
        return HttpAnswer(403)
    if url == f"{EDGE}/config.json":
        return HttpAnswer(200, '{"user_pool_id": "pool"}')
    return HttpAnswer(401) if url.endswith("/conversations") else HttpAnswer(200, "", CSP)


def but(**other: HttpAnswer) -> Callable[[str], HttpAnswer]:
    """`well`, but for the address that ends so."""
    ends = {name.replace("_", "/"): answer for name, answer in other.items()}
    return lambda url: next((answer for end, answer in ends.items() if url.endswith(end)), well(url))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], HttpAnswer]], list[str]]:
    def looked_at(fetch: Callable[[str], HttpAnswer]) -> list[str]:
        monkeypatch.setattr(smoke, "fetch", fetch)
        return find_problems(EDGE, API, "pool", deadline_s=0.05)

    return looked_at


World = Callable[[Callable[[str], HttpAnswer]], list[str]]


def test_all_is_well(world: World) -> None:
    assert world(well) == []


@pytest.mark.parametrize(
    ("fetch", "trouble"),
    [
        (but(edge_=HttpAnswer(200, "no policy")), "without a Content-Security-Policy"),
        (but(edge_=HttpAnswer(0, "no such name")), "no such name"),
        (but(config=well("")), ""),
        (lambda url: HttpAnswer(200, "{}") if url.endswith("config.json") else well(url), "names another user pool"),
        (
            lambda url: HttpAnswer(200, "<html>") if url.endswith("config.json") else well(url),
            "names another user pool",
        ),
        (but(bots_health=HttpAnswer(502)), "bots answers 502 through the edge"),
        (but(conversations=HttpAnswer(200)), "a request for conversations without a token gets 200"),
        (but(live_api_chat_health=HttpAnswer(200)), "chat accepts a request that bypasses the edge: 200"),
        (but(live_api_chat_health=HttpAnswer(0)), "chat accepts a request that bypasses the edge: 0"),
    ],
)
def test_what_is_not_is_told(world: World, fetch: Callable[[str], HttpAnswer], trouble: str) -> None:
    found = world(fetch)
    assert (len(found), trouble in "".join(found)) == (1 if trouble else 0, True)


def test_it_has_patience_with_what_comes_later(world: World) -> None:
    asked: list[str] = []

    def late(url: str) -> HttpAnswer:
        asked.append(url)
        return well(url) if asked.count(url) > 2 else HttpAnswer(503)

    assert world(late) == []


def test_nobody_there_is_an_answer_too() -> None:
    answer = smoke.fetch("http://127.0.0.1:1/")
    assert answer.status == 0
    assert "refused" in answer.text
