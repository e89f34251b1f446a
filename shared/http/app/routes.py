"""Typed routes: one decorator says what a route takes, answers and demands, and everything else follows from it."""

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
Need = Literal["optional", "required"]
B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
Handler = Callable[[Request[B, Q, Any]], Awaitable[Reply | web.StreamResponse]]
Handles = Callable[[Request[Any, Any, Any]], Awaitable[Reply | web.StreamResponse]]

ANY_ID: Final = f"^[A-Za-z0-9_.~@-]{{1,{PATH_ID_MAX}}}$"
PARAMETER: Final = re.compile(r"{([a-z_]+)}")


class EventStream:
    """In `returns`, instead of a model: the answer is a stream of server-sent events."""


Returns = Mapping[int, type[BaseModel] | type[EventStream] | None]


class Options(TypedDict, total=False):
    """What a route may say of itself.

    `patterns`: path parameter → anchored regular expression (default ANY_ID); what does not match is 404.
    `returns`: status → model, EventStream, or None for no body. `problems`: slugs beyond those that follow from the
    rest. `idempotent`: takes an Idempotency-Key; `"required"` demands it. `if_match`: takes If-Match. `body_bytes`:
    its own limit. `body_optional`: an empty body counts as `{}`. `counted`: takes a token of the caller's bucket.
    """

    summary: Required[str]
    rule: Required[Rule]
    returns: Required[Returns]
    description: str
    tags: Sequence[str]
    patterns: Mapping[str, str]
    problems: Sequence[str]
    idempotent: bool | Need
    if_match: Need
    body_bytes: int
    body_optional: bool
    counted: bool


@dataclass(frozen=True, kw_only=True)
class Route:
    method: Method
    template: str  # the path with `{parameters}`
    handle: Handles
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
    idempotent: bool | Need = False
    if_match: Need | None = None
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
    """Turn a function of a Request into a Route; see Options. `path` is the template, as `/api/chat/turns/{id}`."""
    unknown = options.get("patterns", {}).keys() - set(PARAMETER.findall(path))
    if unknown:
        raise TypeError(f"{method} {path} has no parameter {', '.join(sorted(unknown))}")

    def decorate(handle: Any) -> Route:
        return Route(method=method, template=path, handle=handle, name=handle.__name__, **options)

    return decorate
