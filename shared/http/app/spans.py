"""The id and the trace span of a request, bound to every log line of its task."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared.http.wire.headers import inbound_request_id
from shared.ids import Ids
from shared.telemetry.spans import Span, entry_span, fail
from shared.telemetry.traces import traceparent_of

REQUEST_ID: Final = web.RequestKey("request_id", str)
TRACE: Final = web.RequestKey("traceparent", str)
_PROBES: Final = frozenset({"health", "ready"})  # probes call them every second
_FAULT: Final = 500


def route_template(http: web.Request) -> str:
    """The route's template, or a dash when there is none."""
    resource = http.match_info.route.resource
    return resource.canonical if resource else "-"


def is_probe(route: str) -> bool:
    """Whether the route is called so often that it is neither logged nor traced."""
    return route.rsplit("/", 1)[-1] in _PROBES


@contextmanager
def request_span(http: web.Request, ids: Ids) -> Iterator[Span]:
    """Give the request an id (the caller's, if it is well-formed) and a span in the caller's trace, and bind both.

    aiohttp runs each request in a context of its own, so nothing leaks into the next one.
    """
    route = route_template(http)
    attributes = {"http.request.method": http.method, "http.route": route}
    parent = http.headers.get("traceparent")
    with entry_span(f"{http.method} {route}", "server", parent, attributes, recorded=not is_probe(route)) as span:
        http[REQUEST_ID] = inbound_request_id(http) or ids.new("req")
        http[TRACE] = traceparent_of(span)
        clear_contextvars()
        bind_contextvars(request_id=http[REQUEST_ID], trace_id=http[TRACE].split("-")[1])
        yield span


def record_status(span: Span, status: int) -> None:
    """Set the status of the response; from 500 the span has failed."""
    span.set_attribute("http.response.status_code", status)
    if status >= _FAULT:
        fail(span, str(status))
