"""The smoke test of a deployment."""

from collections.abc import Callable

import pytest

from infra.deploy import smoke
from infra.deploy.smoke import HttpAnswer, find_problems

EDGE, API = "https://edge", {"chat": "https://chat-api/live"}
CSP = {"Content-Security-Policy": "default-src 'self'"}


def healthy(url: str) -> HttpAnswer:
    if url.startswith(API["chat"]):
        return HttpAnswer(403)
    if url == f"{EDGE}/config.json":
        return HttpAnswer(200, '{"user_pool_id": "pool"}')
    return HttpAnswer(401) if url.endswith("/conversations") else HttpAnswer(200, "", CSP)


def healthy_but(**other: HttpAnswer) -> Callable[[str], HttpAnswer]:
    """`healthy`, but with other answers for the addresses with these endings."""
    ends = {name.replace("_", "/"): answer for name, answer in other.items()}
    return lambda url: next((answer for end, answer in ends.items() if url.endswith(end)), healthy(url))


@pytest.fixture
def check_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], HttpAnswer]], list[str]]:
    def check(fetch: Callable[[str], HttpAnswer]) -> list[str]:
        monkeypatch.setattr(smoke, "fetch", fetch)
        return find_problems(EDGE, API, "pool", deadline_s=0.05)

    return check


Check = Callable[[Callable[[str], HttpAnswer]], list[str]]


def test_a_healthy_deployment_has_no_problems(check_with: Check) -> None:
    assert check_with(healthy) == []


@pytest.mark.parametrize(
    ("fetch", "problem"),
    [
        (healthy_but(edge_=HttpAnswer(200, "no policy")), "without a Content-Security-Policy"),
        (healthy_but(edge_=HttpAnswer(0, "no such name")), "no such name"),
        (healthy_but(config=healthy("")), ""),
        (lambda url: HttpAnswer(200, "{}") if url.endswith("config.json") else healthy(url), "names another user pool"),
        (
            lambda url: HttpAnswer(200, "<html>") if url.endswith("config.json") else healthy(url),
            "names another user pool",
        ),
        (healthy_but(bots_health=HttpAnswer(502)), "bots answers 502 through the edge"),
        (healthy_but(conversations=HttpAnswer(200)), "a request for conversations without a token gets 200"),
        (healthy_but(live_api_chat_health=HttpAnswer(200)), "chat accepts a request that bypasses the edge: 200"),
        (healthy_but(live_api_chat_health=HttpAnswer(0)), "chat accepts a request that bypasses the edge: 0"),
    ],
)
def test_each_problem_is_reported(check_with: Check, fetch: Callable[[str], HttpAnswer], problem: str) -> None:
    found = check_with(fetch)
    assert (len(found), problem in "".join(found)) == (1 if problem else 0, True)


def test_failures_are_retried_until_the_deadline(check_with: Check) -> None:
    requested: list[str] = []

    def fetch_after_two_failures(url: str) -> HttpAnswer:
        requested.append(url)
        return healthy(url) if requested.count(url) > 2 else HttpAnswer(503)

    assert check_with(fetch_after_two_failures) == []


def test_a_refused_connection_gives_an_answer_with_status_0() -> None:
    answer = smoke.fetch("http://127.0.0.1:1/")
    assert answer.status == 0
    assert "refused" in answer.text
