"""Views, which are response bodies made of domain objects, and pages of them with the query parameters of lists."""

from collections.abc import Sequence
from typing import Annotated, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.http.app.limits import LIST_DEFAULT, LIST_MAX
from shared.http.wire.cursors import CURSOR_PATTERN

T = TypeVar("T")


class PageQuery(BaseModel):
    """What every list takes; lists with filters add their own."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, Field(pattern=CURSOR_PATTERN, description="`next_cursor` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=LIST_MAX, description="items per page")] = LIST_DEFAULT


class View(BaseModel):
    """Takes the fields that it declares from the attributes of an object, and shows no others."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, thing: object) -> Self:
        """The view of a domain object. Raises ValidationError when an attribute is missing or does not fit."""
        return cls.model_validate(thing)


class PageView(BaseModel, Generic[T]):
    """`next_cursor` is null on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None
