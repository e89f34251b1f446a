"""Typed routes: one decorator declares what a route takes, returns and requires.

Parsing, authorisation and the OpenAPI document follow from the declaration.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Required, TypedDict, TypeVar, Unpack, overload

from aiohttp import web
from pydantic import BaseModel

from shared.http.app.limits import PATH_ID_MAX
from shared.http.app.requests import Reply, Request
from shared.http.app.rules import Rule

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Requirement = Literal["optional", "required"]
B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
Handler = Callable[[Request[B, Q, Any]], Awaitable[Reply | web.StreamResponse]]
RouteFunction = Callable[[Request[Any, Any, Any]], Awaitable[Reply | web.StreamResponse]]

ANY_ID: Final = f"^[A-Za-z0-9_.~@-]{{1,{PATH_ID_MAX}}}$"
PARAMETER: Final = re.compile(r"{([a-z_]+)}")


class EventStream:
    """In `returns`, instead of a model: the response is a stream of server-sent events."""


Returns = Mapping[int, type[BaseModel] | type[EventStream] | None]


class Options(TypedDict, total=False):
    """Options of a route.

    `patterns`: path parameter → anchored regular expression (default ANY_ID); a value that does not match is a 404.
    `returns`: status → model, EventStream, or None for no body. `problems`: slugs beyond those that follow from the
    other options. `idempotent`: accepts an Idempotency-Key; `"required"` demands it. `if_match`: accepts If-Match.
    `body`: it gets what JSON can hold, strictly: a field that is no text, number, boolean, null, list, object or
    address, such as a time, needs a validator of its own. `body_bytes`: the largest body, instead of the service's
    limit. `body_optional`: an empty body is read as `{}`.
    `counted`: a request counts against the caller's rate limit.
    """

    summary: Required[str]
    rule: Required[Rule]
    returns: Required[Returns]
    description: str
    tags: Sequence[str]
    patterns: Mapping[str, str]
    problems: Sequence[str]
    idempotent: bool | Requirement
    if_match: Requirement
    body_bytes: int
    body_optional: bool
    counted: bool


@dataclass(frozen=True, kw_only=True)
class Route:
    method: Method
    template: str  # the path with `{parameters}`
    handle: RouteFunction
    name: str  # unique in its service: the OpenAPI document's operationId
    summary: str
    rule: Rule
    returns: Returns
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    description: str = ""
    tags: Sequence[str] = ()
    patterns: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    idempotent: bool | Requirement = False
    if_match: Requirement | None = None
    body_bytes: int | None = None
    body_optional: bool = False
    counted: bool = True

    @property
    def parameters(self) -> dict[str, str]:
        """The path's parameters and their anchored patterns, in order."""
        return {name: self.patterns.get(name, ANY_ID) for name in PARAMETER.findall(self.template)}

    @property
    def streams(self) -> bool:
        return EventStream in self.returns.values()


@overload
def route(
    method: Method, path: str, *, body: type[B], query: type[Q], **options: Unpack[Options]
) -> Callable[[Handler[B, Q]], Route]: ...
@overload
def route(
    method: Method, path: str, *, body: type[B], **options: Unpack[Options]
) -> Callable[[Callable[[Request[B, None, Any]], Awaitable[Reply | web.StreamResponse]]], Route]: ...
@overload
def route(
    method: Method, path: str, *, query: type[Q], **options: Unpack[Options]
) -> Callable[[Callable[[Request[None, Q, Any]], Awaitable[Reply | web.StreamResponse]]], Route]: ...
@overload
def route(
    method: Method, path: str, **options: Unpack[Options]
) -> Callable[[Callable[[Request[None, None, Any]], Awaitable[Reply | web.StreamResponse]]], Route]: ...
def route(method: Method, path: str, **options: Any) -> Callable[[Any], Route]:
    """Turn a function of a Request into a Route; see Options. `path` is a template such as `/api/chat/turns/{id}`."""
    unknown = options.get("patterns", {}).keys() - set(PARAMETER.findall(path))
    if unknown:
        raise TypeError(f"{method} {path} has no parameter {', '.join(sorted(unknown))}")

    def decorate(handle: Any) -> Route:
        return Route(method=method, template=path, handle=handle, name=handle.__name__, **options)

    return decorate
