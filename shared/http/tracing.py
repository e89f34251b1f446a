"""Names for a request: its id and its place in a trace, bound to every log line of its task."""

from typing import Final

from aiohttp import web
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared.http.headers import inbound_request_id
from shared.ids import Ids
from shared.telemetry.traces import TRACEPARENT, new_traceparent

REQUEST_ID: Final = web.RequestKey("request_id", str)
TRACE: Final = web.RequestKey("traceparent", str)


def name_request(http: web.Request, ids: Ids) -> str:
    """Give the request an id (the caller's, if sane) and a span, and bind both.

    aiohttp runs each request in a context of its own, so nothing leaks into the next.
    """
    request_id = inbound_request_id(http) or ids.new("req")
    traceparent = new_traceparent(http.headers.get("traceparent"))
    http[REQUEST_ID] = request_id
    http[TRACE] = traceparent
    TRACEPARENT.set(traceparent)
    clear_contextvars()
    bind_contextvars(request_id=request_id, trace_id=traceparent.split("-")[1])
    return request_id
