"""A request as a route's function sees it: identified, permitted, parsed and within limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from aiohttp import web
from pydantic import BaseModel
from typing_extensions import TypeVar

from shared.http.wire.cursors import CursorSigner
from shared.http.wire.etags import IfMatch
from shared.identity import Principal

BodyT = TypeVar("BodyT", default=None)
QueryT = TypeVar("QueryT", default=None)
ContextT = TypeVar("ContextT", default=Any)


@dataclass(frozen=True, slots=True)
class Request(Generic[BodyT, QueryT, ContextT]):
    """`body` and `query` are the route's models (None where it has none), `context` is the service's own object.

    `path`: the path's parameters. `body_hash`: SHA-256 (hex) of the parsed body, whatever its spacing and order of
    keys; empty without a body. `operation`: the route's name, unique in its service.
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
    if_match: IfMatch | None = None
    last_event_id: str | None = None
    body_hash: str = ""

    @property
    def principal(self) -> Principal:
        """The verified caller. A public route has none, and must not ask."""
        if self.caller is None:
            raise RuntimeError(f"the public route {self.operation} has no principal")
        return self.caller

    @property
    def wants_stream(self) -> bool:
        return "text/event-stream" in self.http.headers.get("Accept", "")

    @property
    def position(self) -> dict[str, str] | None:
        """Where the page that `query.cursor` names begins; None for the first. Raises `invalid-cursor`."""
        cursor = getattr(self.query, "cursor", None)
        return self.cursors.read(cursor, self._scope) if cursor else None

    def cursor(self, position: Mapping[str, str]) -> str:
        """The cursor that leads this caller, on this list, back to `position`."""
        return self.cursors.write(position, self._scope)

    @property
    def _scope(self) -> str:
        return f"{self.caller.subject if self.caller else ''}\n{self.http.path}"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in JSON; without a body it is empty (204 as a rule)."""

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
