"""What is looked at once a house is deployed."""

from collections.abc import Callable

import pytest

from infra.deploy import smoke
from infra.deploy.smoke import Answer, troubles

EDGE, API = "https://edge", {"chat": "https://chat-api/live"}
CSP = {"Content-Security-Policy": "default-src 'self'"}


def well(url: str) -> Answer:
    if url.startswith(API["chat"]):
        return Answer(403)
    if url == f"{EDGE}/config.json":
        return Answer(200, '{"user_pool_id": "pool"}')
    return Answer(401) if url.endswith("/conversations") else Answer(200, "", CSP)


def but(**other: Answer) -> Callable[[str], Answer]:
    """`well`, but for the address that ends so."""
    ends = {name.replace("_", "/"): answer for name, answer in other.items()}
    return lambda url: next((answer for end, answer in ends.items() if url.endswith(end)), well(url))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], Answer]], list[str]]:
    def looked_at(fetch: Callable[[str], Answer]) -> list[str]:
        monkeypatch.setattr(smoke, "fetch", fetch)
        return troubles(EDGE, API, "pool", patience_s=0.05)

    return looked_at


World = Callable[[Callable[[str], Answer]], list[str]]


def test_all_is_well(world: World) -> None:
    assert world(well) == []


@pytest.mark.parametrize(
    ("fetch", "trouble"),
    [
        (but(edge_=Answer(200, "no policy")), "without its policy"),
        (but(edge_=Answer(0, "no such name")), "no such name"),
        (but(config=well("")), ""),
        (lambda url: Answer(200, "{}") if url.endswith("config.json") else well(url), "names another user pool"),
        (lambda url: Answer(200, "<html>") if url.endswith("config.json") else well(url), "names another user pool"),
        (but(bots_health=Answer(502)), "bots answers 502 through the edge"),
        (but(conversations=Answer(200)), "a stranger who asks for conversations gets 200"),
        (but(live_api_chat_health=Answer(200)), "chat is reached around the edge: 200"),
        (but(live_api_chat_health=Answer(0)), "chat is reached around the edge: 0"),
    ],
)
def test_what_is_not_is_told(world: World, fetch: Callable[[str], Answer], trouble: str) -> None:
    found = world(fetch)
    assert (len(found), trouble in "".join(found)) == (1 if trouble else 0, True)


def test_it_has_patience_with_what_comes_later(world: World) -> None:
    asked: list[str] = []

    def late(url: str) -> Answer:
        asked.append(url)
        return well(url) if asked.count(url) > 2 else Answer(503)

    assert world(late) == []


def test_nobody_there_is_an_answer_too() -> None:
    answer = smoke.fetch("http://127.0.0.1:1/")
    assert answer.status == 0
    assert "refused" in answer.text
