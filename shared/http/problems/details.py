"""Problem details (RFC 9457): how a problem looks over HTTP, and in whatever is stored or streamed of it."""

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
    """A problem that only HTTP has, with the headers that HTTP wants for it."""

    def __init__(self, slug: str, detail: str = "", *, headers: Mapping[str, str]) -> None:
        found = problem(slug, detail)
        super().__init__(found.kind, found.detail)
        self.headers = dict(headers)


def status_of(found: Problem) -> int:
    return STATUSES[found.slug]


def problem_details(found: Problem, instance: str) -> dict[str, Any]:
    """The members of the problem's JSON object. `instance`: id of the request or of the turn."""
    members: dict[str, Any] = {
        "type": f"/problems/{found.slug}",
        "title": found.title,
        "status": status_of(found),
        "detail": found.detail,
        "instance": instance,
    }
    if found.errors:
        members["errors"] = [error.model_dump() for error in found.errors]
    return members


def problem_response(found: Problem, instance: str) -> web.Response:
    headers = dict(found.headers) if isinstance(found, HttpProblem) else {}
    if found.retry_after is not None:
        headers["Retry-After"] = str(found.retry_after)
    if found.current_version is not None:
        headers["ETag"] = etag(found.current_version)
    return web.Response(
        status=status_of(found),
        body=json.dumps(problem_details(found, instance)).encode(),
        content_type=MEDIA_TYPE,
        headers=headers,
    )
