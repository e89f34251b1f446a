"""The aiohttp application base: typed routes in, problem details and an OpenAPI document out."""

from shared.http.app.application import RouteRefusedError, build_app
from shared.http.app.limits import Limits
from shared.http.app.requests import Reply, Request
from shared.http.app.routes import EventStream, Route, route
from shared.http.app.rules import Rule, in_group, internal_service, public, signed_in
from shared.http.app.server import serving
from shared.http.problems.details import FieldError, Problem, ProblemDetails, problem
from shared.http.wire.etags import IfMatch, etag
from shared.http.wire.pages import Page, PageQuery
from shared.http.wire.sse import ServerEvent, stream_events

__all__ = [
    "EventStream",
    "FieldError",
    "IfMatch",
    "Limits",
    "Page",
    "PageQuery",
    "Problem",
    "ProblemDetails",
    "Reply",
    "Request",
    "Route",
    "RouteRefusedError",
    "Rule",
    "ServerEvent",
    "build_app",
    "etag",
    "in_group",
    "internal_service",
    "problem",
    "public",
    "route",
    "serving",
    "signed_in",
    "stream_events",
]
