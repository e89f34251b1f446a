"""What pydantic found, in the caller's terms. Never a value that was sent: it may be a secret or somebody's words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from shared.http.app.limits import FIELD_ERRORS_MAX
from shared.http.problems.details import FieldError, Problem, problem
from shared.http.wire.strict_json import escape_pointer

_POINTER_MAX: Final = 200
# Their own messages repeat what was sent.
_QUIET_MESSAGES: Final = {
    "union_tag_invalid": "Input is of no kind that is known here",
    "uuid_parsing": "Input should be a valid UUID",
    "url_parsing": "Input should be a valid address",
}


def body_problem(error: ValidationError, document: Any) -> Problem:
    """`invalid-request` with a pointer into the body for each fault; `document` is the parsed body."""
    return _problem(error, lambda location: "#" + "".join(f"/{part}" for part in _real_parts(location, document)))


def query_problem(error: ValidationError) -> Problem:
    return _problem(error, lambda location: "?" + ".".join(str(part) for part in location[:1]))


def header_problem(name: str, detail: str) -> Problem:
    return problem(
        "invalid-request", f"The header {name} is not valid.", errors=[FieldError(pointer=name, detail=detail)]
    )


def _problem(error: ValidationError, pointer: Callable[[Sequence[int | str]], str]) -> Problem:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    errors = [
        FieldError(pointer=pointer(each["loc"])[:_POINTER_MAX], detail=_QUIET_MESSAGES.get(each["type"], each["msg"]))
        for each in found[:FIELD_ERRORS_MAX]
    ]
    return problem("invalid-request", f"{len(found)} value(s) are not acceptable.", errors=errors)


def _real_parts(location: Sequence[int | str], document: Any) -> Iterable[str]:
    """Pydantic's location without the tags of unions, which are in no document."""
    here = document
    for index, part in enumerate(location):
        if _holds(here, part):
            here = here[part]
        elif not (isinstance(here, Mapping) and index == len(location) - 1):  # else it is a member that is missing
            continue
        yield escape_pointer(str(part))


def _holds(value: Any, part: int | str) -> bool:
    return (isinstance(value, Mapping) and part in value) or (
        isinstance(value, list) and isinstance(part, int) and part < len(value)
    )
