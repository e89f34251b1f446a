"""HTTP base of every service: typed routes on aiohttp, with problem details and an OpenAPI document."""

from shared.http.app.application import RouteRefusedError, build_app
from shared.http.app.limits import RequestLimits
from shared.http.app.requests import Reply, Request
from shared.http.app.routes import EventStream, Route, route
from shared.http.app.rules import Rule, in_group, internal_service, public, signed_in
from shared.http.app.server import serving
from shared.http.problems.details import ProblemDetails
from shared.http.wire.etags import etag
from shared.http.wire.pages import PageQuery, PageView, View
from shared.http.wire.sse import ServerEvent, stream_events

__all__ = [
    "EventStream",
    "PageQuery",
    "PageView",
    "ProblemDetails",
    "Reply",
    "Request",
    "RequestLimits",
    "Route",
    "RouteRefusedError",
    "Rule",
    "ServerEvent",
    "View",
    "build_app",
    "etag",
    "in_group",
    "internal_service",
    "public",
    "route",
    "serving",
    "signed_in",
    "stream_events",
]
