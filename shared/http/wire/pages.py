"""Pages of lists over HTTP: the query parameters, and the page with a cursor to the next one."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.http.app.limits import LIST_DEFAULT, LIST_MAX
from shared.http.wire.cursors import CURSOR_PATTERN

T = TypeVar("T")


class PageQuery(BaseModel):
    """What every list takes; lists with filters add their own."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, Field(pattern=CURSOR_PATTERN, description="`next_cursor` of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=LIST_MAX, description="items per page")] = LIST_DEFAULT


class PageView(BaseModel, Generic[T]):
    """`next_cursor` is null on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None
