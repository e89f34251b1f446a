"""422: each invalid value with its pointer, without repeating the value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from shared.http.app.limits import FIELD_ERRORS_MAX
from shared.http.problems.details import problem_details
from shared.http.wire.validation import body_problem, query_problem
from shared.problems import Problem
from tests.fakes.http_service import NewNote, NoteQuery

CANARY = "my-secret-canary"


def refused(document: Any) -> Problem:
    with pytest.raises(ValidationError) as found:
        NewNote.model_validate(document, strict=True)
    return body_problem(found.value, document)


def pointers(document: Any) -> list[str]:
    return [error.pointer for error in refused(document).errors]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"title": 1}, ["#/title"]),
        ({"content": "text"}, ["#/content"]),
        ({"content": [{"type": "text"}]}, ["#/content/0/text"]),
        ({"content": [{"type": "text", "text": 5}]}, ["#/content/0/text"]),
        ({"content": [{"type": "count", "count": "5"}]}, ["#/content/0/count"]),
        ({"content": [{"type": "other"}]}, ["#/content/0"]),
        ({"content": [{}]}, ["#/content/0"]),
        ({"content": [{"type": "text", "text": "ok"}, 7]}, ["#/content/1"]),
        ({"unknown/~key": 1}, ["#/unknown~1~0key"]),
        ([], ["#"]),
        (None, ["#"]),
    ],
)
def test_pointers_refer_to_the_body_as_it_was_sent(document: Any, expected: list[str]) -> None:
    assert pointers(document) == expected


@pytest.mark.parametrize(
    "document", [[], {"title": None}, {"content": "text"}, {"content": [7]}, {"by_name": []}, {"nothing": 1}]
)
def test_details_of_errors_have_the_terms_of_json(document: Any) -> None:
    class Strict(NewNote):
        by_name: dict[str, str] = Field(default={})
        nothing: None = None

    with pytest.raises(ValidationError) as in_json:
        Strict.model_validate_json(json.dumps(document), strict=True)
    with pytest.raises(ValidationError) as parsed:
        Strict.model_validate(document, strict=True)
    expected = [each["msg"] for each in in_json.value.errors()]
    assert [error.detail for error in body_problem(parsed.value, document).errors] == expected


@pytest.mark.parametrize(
    "document",
    [
        {"title": [CANARY]},
        {"title": {"a": CANARY}},
        {"content": [{"type": CANARY}]},
        {"content": [{"type": "text", "text": CANARY * 200}]},
        {"content": [{"type": "count", "count": CANARY}]},
        {"content": CANARY},
        CANARY,
    ],
)
def test_a_problem_does_not_repeat_the_sent_values(document: Any) -> None:
    assert CANARY not in json.dumps(problem_details(refused(document), "req_1"))


def test_the_number_of_field_errors_is_limited() -> None:
    found = refused({"content": [1] * 1000})
    assert len(found.errors) == FIELD_ERRORS_MAX
    assert found.detail.startswith("1000 ")


def test_the_pointer_of_a_long_key_is_cut() -> None:
    assert all(len(pointer) <= 200 for pointer in pointers({"k" * 5000: 1}))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)))
def test_any_refused_document_has_field_errors(document: Any) -> None:
    found: list[Problem] = []
    try:
        NewNote.model_validate(document, strict=True)
    except ValidationError as error:
        found.append(body_problem(error, document))
    assert all(each.errors for each in found)


def test_query_errors_name_the_parameter() -> None:
    with pytest.raises(ValidationError) as found:
        NoteQuery.model_validate({"limit": "0", "cursor": CANARY})
    problem = query_problem(found.value)
    assert {error.pointer for error in problem.errors} == {"?limit", "?cursor"}
    assert CANARY not in json.dumps(problem_details(problem, "req_1"))
