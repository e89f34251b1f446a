"""Problem details (RFC 9457): the JSON form of a problem, in HTTP responses and in what is stored or streamed."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from shared.http.problems.statuses import STATUSES
from shared.http.wire.etags import etag
from shared.problems import FieldError, Problem, problem

MEDIA_TYPE: Final = "application/problem+json"


class ProblemDetails(BaseModel):
    """The body of every answer from 400 up."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


class HttpProblem(Problem):
    """A problem that occurs in HTTP only, with the headers that HTTP requires for it."""

    def __init__(self, slug: str, detail: str = "", *, headers: Mapping[str, str]) -> None:
        plain = problem(slug, detail)
        super().__init__(plain.kind, plain.detail)
        self.headers = dict(headers)


def status_of(error: Problem) -> int:
    return STATUSES[error.slug]


def problem_details(error: Problem, instance: str) -> dict[str, Any]:
    """The members of the problem's JSON object. `instance`: id of the request or of the turn."""
    members: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": error.title,
        "status": status_of(error),
        "detail": error.detail,
        "instance": instance,
    }
    if error.errors:
        members["errors"] = [each.model_dump() for each in error.errors]
    return members


def problem_response(error: Problem, instance: str) -> web.Response:
    headers = dict(error.headers) if isinstance(error, HttpProblem) else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.current_version is not None:
        headers["ETag"] = etag(error.current_version)
    return web.Response(
        status=status_of(error),
        body=json.dumps(problem_details(error, instance)).encode(),
        content_type=MEDIA_TYPE,
        headers=headers,
    )
