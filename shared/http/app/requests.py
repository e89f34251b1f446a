"""A request as a route's function gets it: authenticated, authorised, parsed and within limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from aiohttp import web
from pydantic import BaseModel
from typing_extensions import TypeVar

from shared.http.app.limits import LIST_DEFAULT
from shared.http.wire.cursors import CursorSigner
from shared.http.wire.pages import PageView
from shared.identity import Principal
from shared.persistence.requests import IdempotentRequest, Page, PageRequest, VersionCondition

BodyT = TypeVar("BodyT", default=None)
QueryT = TypeVar("QueryT", default=None)
ContextT = TypeVar("ContextT", default=Any)


@dataclass(frozen=True, slots=True)
class Request(Generic[BodyT, QueryT, ContextT]):
    """`body` and `query` are the route's models (None where it has none), `context` is the service's own object.

    `path`: the path's parameters. `body_hash`: SHA-256 (hex) of the parsed body, independent of spacing and of the
    order of keys; empty without a body. `operation`: the route's name, unique in its service.
    """

    http: web.Request
    operation: str
    body: BodyT
    query: QueryT
    context: ContextT
    path: Mapping[str, str]
    request_id: str
    traceparent: str
    caller: Principal | None
    cursors: CursorSigner
    idempotency_key: str | None = None
    if_match: VersionCondition | None = None
    last_event_id: str | None = None
    body_hash: str = ""

    @property
    def principal(self) -> Principal:
        """The verified caller. Raises RuntimeError in a public route, which has none."""
        if self.caller is None:
            raise RuntimeError(f"the public route {self.operation} has no principal")
        return self.caller

    @property
    def wants_stream(self) -> bool:
        return "text/event-stream" in self.http.headers.get("Accept", "")

    @property
    def page_request(self) -> PageRequest:
        """The page that `query.cursor` and `query.limit` ask for. Raises `invalid-cursor`."""
        cursor, limit = getattr(self.query, "cursor", None), getattr(self.query, "limit", LIST_DEFAULT)
        return PageRequest(limit, self.cursors.read(cursor, self._scope) if cursor else None)

    def page_reply(self, view: type[PageView[Any]], page: Page[Any]) -> "Reply":
        """The page as a response. Its cursor to the next page is valid for this caller and this list only."""
        cursor = self.cursors.write(page.next_position, self._scope) if page.next_position else None
        return Reply(body=view(items=page.items, next_cursor=cursor))

    def idempotent_request(self, scope: str = "") -> IdempotentRequest | None:
        """The request with its Idempotency-Key; None without one.

        `scope`: what distinguishes requests of the same route, such as the id in its path.
        """
        if self.idempotency_key is None:
            return None
        operation = f"{self.operation} {scope}" if scope else self.operation
        return IdempotentRequest(self.principal.subject, operation, self.idempotency_key, self.body_hash)

    @property
    def _scope(self) -> str:
        return f"{self.caller.subject if self.caller else ''}\n{self.http.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON response; an empty one (204 as a rule) without a body."""

    status: int = 200
    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        if self.body is None:
            return web.Response(status=self.status, headers=self.headers)
        return web.Response(
            status=self.status,
            body=self.body.model_dump_json().encode(),
            content_type="application/json",
            headers=self.headers,
        )
