"""Turns pydantic's errors into problems. They never quote a value that was sent: it may be secret or private."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from shared.http.app.limits import FIELD_ERRORS_MAX
from shared.http.wire.strict_json import escape_pointer_segment
from shared.problems import FieldError, Problem, problem

_POINTER_MAX: Final = 200
# Instead of pydantic's own messages, which quote what was sent, or call JSON's objects and arrays by Python's names.
_MESSAGES: Final = {
    "model_type": "Input should be an object",
    "model_attributes_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "list_type": "Input should be a valid array",
    "none_required": "Input should be null",
    "union_tag_invalid": "Input is of no kind that is known here",
    "uuid_parsing": "Input should be a valid UUID",
    "url_parsing": "Input should be a valid address",
}


def body_problem(error: ValidationError, document: Any) -> Problem:
    """`invalid-request` with a pointer into the body for each error; `document` is the parsed body."""
    return _invalid_request(
        error, lambda location: "#" + "".join(f"/{part}" for part in _pointer_parts(location, document))
    )


def query_problem(error: ValidationError) -> Problem:
    return _invalid_request(error, lambda location: "?" + ".".join(str(part) for part in location[:1]))


def header_problem(name: str, detail: str) -> Problem:
    return problem(
        "invalid-request", f"The header {name} is not valid.", errors=[FieldError(pointer=name, detail=detail)]
    )


def _invalid_request(error: ValidationError, pointer: Callable[[Sequence[int | str]], str]) -> Problem:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    errors = [
        FieldError(pointer=pointer(each["loc"])[:_POINTER_MAX], detail=_MESSAGES.get(each["type"], each["msg"]))
        for each in details[:FIELD_ERRORS_MAX]
    ]
    return problem("invalid-request", f"{len(details)} value(s) are not acceptable.", errors=errors)


def _pointer_parts(location: Sequence[int | str], document: Any) -> Iterable[str]:
    """Pydantic's location without the tags of unions, which are not part of the document."""
    value = document
    for index, part in enumerate(location):
        if _contains(value, part):
            value = value[part]
        elif not (isinstance(value, Mapping) and index == len(location) - 1):  # else it is a missing member
            continue
        yield escape_pointer_segment(str(part))


def _contains(value: Any, part: int | str) -> bool:
    return (isinstance(value, Mapping) and part in value) or (
        isinstance(value, list) and isinstance(part, int) and part < len(value)
    )
