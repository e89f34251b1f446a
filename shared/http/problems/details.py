"""Problem details (RFC 9457): how every error looks from outside."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from shared.problems.kinds import KINDS, ProblemKind

MEDIA_TYPE: Final = "application/problem+json"


class FieldError(BaseModel):
    """`pointer`: `#/…` into the body, `?name` for a query parameter, else a header's name."""

    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """The body of every answer from 400 up."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """What went wrong, in terms that the caller may see. Made by `problem`."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.retry_after = kind.retry_after_s if retry_after is None else math.ceil(retry_after)

    @property
    def slug(self) -> str:
        return self.kind.slug

    @property
    def status(self) -> int:
        return self.kind.status

    @property
    def title(self) -> str:
        return self.kind.title

    def details(self, instance: str) -> dict[str, Any]:
        """The members of the problem's JSON object; `instance` is the request's id."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            members["errors"] = [error.model_dump() for error in self.errors]
        return members

    def response(self, instance: str) -> web.Response:
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return web.Response(
            status=self.status,
            body=json.dumps(self.details(instance)).encode(),
            content_type=MEDIA_TYPE,
            headers=headers,
        )


def problem(
    slug: str,
    detail: str = "",
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    retry_after: float | None = None,
) -> Problem:
    """A problem of the registry, to be raised. `retry_after`: seconds. An unknown slug is a KeyError."""
    kind = KINDS[slug]
    return Problem(kind, detail or f"{kind.title}.", errors=errors, headers=headers, retry_after=retry_after)
