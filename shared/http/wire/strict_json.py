"""Strict JSON (RFC 8259): refuses what two parsers could read differently, such as repeated keys and NaN."""

import json
import math
import re
from typing import Any, Final, NoReturn

from shared.http.app.limits import JSON_DEPTH_MAX
from shared.problems import FieldError, problem

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""UTF-8 holds no surrogates, so that only escapes can bring one into a text."""


def parse(raw: bytes) -> Any:
    """The document. Raises `malformed-json` (400), or `invalid-request` (422) for text that is not Unicode."""
    try:
        document = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_without_repeated_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite_number,
        )
    except RecursionError as error:
        raise problem("malformed-json", "The document is nested too deeply.") from error
    except ValueError as error:  # not UTF-8, not JSON, or a number of thousands of digits
        raise problem("malformed-json", _describe(error)) from error
    _refuse_deep_nesting(document)
    if _SURROGATE_ESCAPE.search(raw):
        _refuse_lone_surrogates(document)
    return document


def _describe(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"The body is not JSON: line {error.lineno}, column {error.colno}."
    if isinstance(error, UnicodeDecodeError):
        return f"The body is not UTF-8: byte {error.start}."
    return "The body is not JSON."


def _object_without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise problem("malformed-json", "An object has the same key twice.")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise problem("malformed-json", "NaN and Infinity are not JSON.")


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise problem("malformed-json", "A number is too large.")
    return number


def _refuse_deep_nesting(document: object) -> None:
    """Level by level; without recursion, because depth is what is checked."""
    level = [document]
    for _ in range(JSON_DEPTH_MAX + 1):
        containers = [value for value in level if isinstance(value, dict | list)]
        if not containers:
            return
        level = [each for value in containers for each in (value.values() if isinstance(value, dict) else value)]
    raise problem("malformed-json", f"The document is nested deeper than {JSON_DEPTH_MAX} levels.")


def _refuse_lone_surrogates(value: object, pointer: str = "#") -> None:
    """Names the place of a text or key with half a surrogate pair. The document is not nested deeply."""
    match value:
        case str() if _SURROGATE.search(value):
            error = FieldError(pointer=pointer, detail="The text holds half a surrogate pair and is no Unicode.")
            raise problem("invalid-request", "Some text is no Unicode.", errors=[error])
        case dict():
            for key, member in value.items():
                _refuse_lone_surrogates(key, pointer)
                _refuse_lone_surrogates(member, f"{pointer}/{escape_pointer_segment(key)}")
        case list():
            for index, member in enumerate(value):
                _refuse_lone_surrogates(member, f"{pointer}/{index}")
        case _:
            pass


def escape_pointer_segment(part: str) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
