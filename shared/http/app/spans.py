"""Names for a request: its id, its route and its place in a trace, bound to every log line of its task."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared.http.wire.headers import inbound_request_id
from shared.ids import Ids
from shared.telemetry.spans import Span, entry_span

REQUEST_ID: Final = web.RequestKey("request_id", str)
TRACE: Final = web.RequestKey("traceparent", str)
_QUIET: Final = frozenset({"health", "ready"})  # asked every second by those who watch
_FAULT: Final = 500


def route_of(http: web.Request) -> str:
    """The route's template, or a dash when there is none."""
    resource = http.match_info.route.resource
    return resource.canonical if resource else "-"


def is_quiet(route: str) -> bool:
    return route.rsplit("/", 1)[-1] in _QUIET


@contextmanager
def traced(http: web.Request, ids: Ids) -> Iterator[Span]:
    """Give the request an id (the caller's, if sane) and a span in the caller's trace, and bind both.

    aiohttp runs each request in a context of its own, so nothing leaks into the next.
    """
    route = route_of(http)
    names = {"http.request.method": http.method, "http.route": route}
    caller = http.headers.get("traceparent")
    with entry_span(f"{http.method} {route}", "server", caller, names, recorded=not is_quiet(route)) as span:
        http[REQUEST_ID] = inbound_request_id(http) or ids.new("req")
        http[TRACE] = span.traceparent
        clear_contextvars()
        bind_contextvars(request_id=http[REQUEST_ID], trace_id=span.traceparent.split("-")[1])
        yield span


def answered(span: Span, status: int) -> None:
    span.set("http.response.status_code", status)
    if status >= _FAULT:
        span.fail(str(status))
