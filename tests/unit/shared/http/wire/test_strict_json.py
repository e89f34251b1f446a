"""Bodies: JSON that every parser reads the same way, or a problem."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.app.limits import JSON_DEPTH_MAX
from shared.http.wire.strict_json import parse
from shared.problems import Problem

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(documents)
def test_every_document_is_parsed_unchanged(document: Any) -> None:
    assert parse(json.dumps(document).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_problem(raw: bytes) -> None:
    with suppress(Problem):
        parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {"b": 2}',
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"[-1e999]",
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 1}}',
        b'"\xff"',
        b'\xef\xbb\xbf{"bom": true}',
        '"é"'.encode("utf-16"),
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_json_that_is_not_strict_is_malformed(raw: bytes) -> None:
    with pytest.raises(Problem, match="malformed-json"):
        parse(raw)


def test_nesting_beyond_the_limit_is_malformed() -> None:
    assert parse(b"[" * JSON_DEPTH_MAX + b"]" * JSON_DEPTH_MAX)
    assert parse(b'{"a":[' * (JSON_DEPTH_MAX // 2) + b"1" + b"]}" * (JSON_DEPTH_MAX // 2))
    with pytest.raises(Problem, match="malformed-json"):
        parse(b"[" * (JSON_DEPTH_MAX + 1) + b"]" * (JSON_DEPTH_MAX + 1))


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (rb'"\ud800"', "#"),
        (rb'{"a": ["ok", "\udfff"]}', "#/a/1"),
        (rb'{"a/b": {"c~d": "x\ud83d"}}', "#/a~1b/c~0d"),
        (rb'{"\ud800": 1}', "#"),
        (rb'{"\uD83D\ude00": ["\ud83d\ude00", "\uDfff", 1]}', "#/😀/1"),
        (rb'["\ud83d\ud83d\ude00"]', "#/0"),
    ],
)
def test_a_lone_surrogate_is_refused_with_its_pointer(raw: bytes, pointer: str) -> None:
    with pytest.raises(Problem, match="invalid-request") as refused:
        parse(raw)
    assert [error.pointer for error in refused.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("raw", "text"), [(rb'"\ud83d\ude00"', "😀"), (rb'"\u0000"', "\0"), ('"한국어"'.encode(), "한국어")]
)
def test_surrogate_pairs_and_any_language_are_accepted(raw: bytes, text: str) -> None:
    assert parse(raw) == text
