"""JSON as RFC 8259 has it, and nothing that two readers could understand differently."""

import json
import math
from typing import Any, NoReturn

from shared.http.app.limits import JSON_DEPTH_MAX
from shared.http.problems.details import FieldError, problem


def parse(raw: bytes) -> Any:
    """The document. Raises `malformed-json` (400), or `invalid-request` (422) for text that is no Unicode."""
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_not_json, parse_float=_finite
        )
    except RecursionError as error:
        raise problem("malformed-json", "The document is nested too deeply.") from error
    except ValueError as error:  # not UTF-8, not JSON, or a number of thousands of digits
        raise problem("malformed-json", _where(error)) from error
    _check(document)
    return document


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"The body is not JSON: line {error.lineno}, column {error.colno}."
    if isinstance(error, UnicodeDecodeError):
        return f"The body is not UTF-8: byte {error.start}."
    return "The body is not JSON."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise problem("malformed-json", "An object has the same key twice.")
    return found


def _not_json(_name: str) -> NoReturn:
    raise problem("malformed-json", "NaN and Infinity are not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise problem("malformed-json", "A number is too large.")
    return number


def _check(document: object) -> None:
    """Depth and lone surrogates, without recursion."""
    waiting: list[tuple[object, str, int]] = [(document, "#", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        match value:
            case str():
                _check_text(value, pointer)
            case dict() | list() if depth == JSON_DEPTH_MAX:
                raise problem("malformed-json", f"The document is nested deeper than {JSON_DEPTH_MAX} levels.")
            case dict():
                for key, held in value.items():
                    _check_text(key, pointer)
                    waiting.append((held, f"{pointer}/{escape_pointer(key)}", depth + 1))
            case list():
                waiting.extend((held, f"{pointer}/{index}", depth + 1) for index, held in enumerate(value))
            case _:
                pass


def _check_text(text: str, pointer: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        error = FieldError(pointer=pointer, detail="The text holds half a surrogate pair and is no Unicode.")
        raise problem("invalid-request", "Some text is no Unicode.", errors=[error])


def escape_pointer(part: str) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
