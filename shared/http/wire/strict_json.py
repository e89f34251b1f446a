"""Strict JSON (RFC 8259): refuses what two parsers could read differently, such as repeated keys and NaN."""

import json
import math
from typing import Any, NoReturn

from shared.http.app.limits import JSON_DEPTH_MAX
from shared.problems import FieldError, problem


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
    _check_document(document)
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


def _check_document(document: object) -> None:
    """Refuse deep nesting and lone surrogates; without recursion, because depth is what is checked."""
    waiting: list[tuple[object, str, int]] = [(document, "#", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        match value:
            case str():
                _check_text(value, pointer)
            case dict() | list() if depth == JSON_DEPTH_MAX:
                raise problem("malformed-json", f"The document is nested deeper than {JSON_DEPTH_MAX} levels.")
            case dict():
                for key, member in value.items():
                    _check_text(key, pointer)
                    waiting.append((member, f"{pointer}/{escape_pointer_segment(key)}", depth + 1))
            case list():
                waiting.extend((member, f"{pointer}/{index}", depth + 1) for index, member in enumerate(value))
            case _:
                pass


def _check_text(text: str, pointer: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        error = FieldError(pointer=pointer, detail="The text holds half a surrogate pair and is no Unicode.")
        raise problem("invalid-request", "Some text is no Unicode.", errors=[error])


def escape_pointer_segment(part: str) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
