"""One registry of what can go wrong; each entry is a page that helps."""

import re
from collections import Counter
from http import HTTPStatus
from pathlib import Path

import pytest

from shared.http.problems.details import problem
from shared.problems.kinds import _ALL, KINDS, ProblemKind
from tests.fakes.http_service import Client

SOURCES = [
    path for room in ("shared", "services") for path in (Path(__file__).parents[4] / room).rglob("*.py")
]  # fmt: skip


def test_no_slug_stands_for_two_things() -> None:
    assert [slug for slug, count in Counter(kind.slug for kind in _ALL).items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_can_be_understood(kind: ProblemKind) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
    assert 400 <= HTTPStatus(kind.status) < 600
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert len(kind.explanation) > 40
    assert kind.explanation.endswith(".")


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.status in {429, 503}], ids=lambda k: k.slug)
def test_who_is_told_to_come_again_is_told_when(kind: ProblemKind) -> None:
    assert kind.retry_after_s is not None
    assert kind.retryable
    assert problem(kind.slug).response("req_1").headers["Retry-After"] == str(kind.retry_after_s)


def test_the_wait_is_rounded_up_so_that_who_waits_it_out_is_let_in() -> None:
    assert problem("rate-limited", retry_after=0.02).response("req_1").headers["Retry-After"] == "1"


def test_every_slug_that_is_raised_is_registered() -> None:
    raised = {slug for path in SOURCES for slug in re.findall(r'\bproblem\(\s*"([^"]+)"', path.read_text())}
    assert raised
    assert raised - KINDS.keys() == set()


async def test_a_problem_leads_to_a_page_for_people(client: Client) -> None:
    for slug, kind in KINDS.items():
        answer = await client.get(f"/problems/{slug}", headers={"Accept": "text/html,*/*"})
        page = await answer.text()
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert kind.title in page
        assert "<script" not in page


async def test_a_problem_explains_itself_to_programs(client: Client) -> None:
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


async def test_an_unknown_problem_is_itself_a_problem(client: Client) -> None:
    answer = await client.get("/problems/no-such-thing")
    assert answer.status == 404
    assert (await answer.json())["type"] == "/problems/not-found"
