"""The registry of problem kinds, and their pages."""

import re
from collections import Counter
from http import HTTPStatus
from pathlib import Path

import pytest

from shared.http.problems.details import problem_response
from shared.http.problems.statuses import STATUSES
from shared.problems import KINDS, ProblemKind, problem
from shared.problems.kinds import _ALL
from tests.fakes.http_service import Client

SOURCES = [
    path for folder in ("shared", "services") for path in (Path(__file__).parents[4] / folder).rglob("*.py")
]  # fmt: skip


def test_slugs_are_unique() -> None:
    assert [slug for slug, count in Counter(kind.slug for kind in _ALL).items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_has_slug_status_title_and_explanation(kind: ProblemKind) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
    assert 400 <= HTTPStatus(STATUSES[kind.slug]) < 600
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert len(kind.explanation) > 40
    assert kind.explanation.endswith(".")


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if STATUSES[kind.slug] in {429, 503}], ids=lambda k: k.slug
)
def test_a_429_or_503_has_a_retry_after_header(kind: ProblemKind) -> None:
    assert kind.retry_after_s is not None
    assert kind.retryable
    assert problem_response(problem(kind.slug), "req_1").headers["Retry-After"] == str(kind.retry_after_s)


def test_retry_after_is_rounded_up() -> None:
    assert problem_response(problem("rate-limited", retry_after=0.02), "req_1").headers["Retry-After"] == "1"


def test_every_slug_that_is_raised_is_registered() -> None:
    raised = {slug for path in SOURCES for slug in re.findall(r'\bproblem\(\s*"([^"]+)"', path.read_text())}
    assert raised
    assert raised - KINDS.keys() == set()


async def test_each_problem_has_an_html_page(client: Client) -> None:
    for slug, kind in KINDS.items():
        answer = await client.get(f"/problems/{slug}", headers={"Accept": "text/html,*/*"})
        page = await answer.text()
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert kind.title in page
        assert "<script" not in page


async def test_a_problem_kind_is_available_as_json(client: Client) -> None:
    answer = await client.get("/problems/turn-in-progress", headers={"Accept": "application/json"})
    assert answer.content_type == "application/json"
    described = await answer.json()
    assert described["type"] == "/problems/turn-in-progress"
    assert described["status"] == 409
    assert described["retryable"] is True


async def test_all_problems_are_listed(client: Client) -> None:
    page = await (await client.get("/problems")).text()
    listed = await (await client.get("/problems", headers={"Accept": "application/json"})).json()
    assert all(f'href="/problems/{slug}"' in page for slug in KINDS)
    assert [each["type"] for each in listed["problems"]] == [f"/problems/{slug}" for slug in KINDS]


async def test_an_unknown_problem_kind_is_not_found(client: Client) -> None:
    answer = await client.get("/problems/no-such-thing")
    assert answer.status == 404
    assert (await answer.json())["type"] == "/problems/not-found"
