"""A problem: one kind of the registry, with the detail of one case."""

import math
from collections.abc import Sequence

from pydantic import BaseModel

from shared.problems.kinds import KINDS, ProblemKind


class FieldError(BaseModel):
    """`pointer`: `#/…` into the body, `?name` for a query parameter, else a header's name."""

    pointer: str
    detail: str


class Problem(Exception):  # noqa: N818 - the name of RFC 9457
    """A problem in words that the caller may see. Create it by the function `problem`.

    `retry_after`: seconds. `current_version`: the version of the thing, for a caller whose copy is out of date.
    """

    def __init__(
        self,
        kind: ProblemKind,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        current_version: int | str | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = kind.retry_after_s if retry_after is None else math.ceil(retry_after)
        self.current_version = current_version

    @property
    def slug(self) -> str:
        return self.kind.slug

    @property
    def title(self) -> str:
        return self.kind.title


def problem(
    slug: str,
    detail: str = "",
    *,
    errors: Sequence[FieldError] = (),
    retry_after: float | None = None,
    current_version: int | str | None = None,
) -> Problem:
    """A problem of the registry, to be raised. `retry_after`: seconds. Raises KeyError for an unknown slug."""
    kind = KINDS[slug]
    return Problem(
        kind, detail or f"{kind.title}.", errors=errors, retry_after=retry_after, current_version=current_version
    )
