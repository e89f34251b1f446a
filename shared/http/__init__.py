"""The aiohttp application base: typed routes in, problem details and an OpenAPI document out."""

from shared.http.app import RouteRefusedError, build_app
from shared.http.etags import IfMatch, etag
from shared.http.limits import Limits
from shared.http.pages import Page, PageQuery
from shared.http.problems import FieldError, Problem, ProblemDetails, problem
from shared.http.requests import Reply, Request
from shared.http.routes import EventStream, Route, route
from shared.http.rules import Rule, in_group, internal_service, public, signed_in
from shared.http.serve import serving
from shared.http.sse import ServerEvent, stream_events

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
