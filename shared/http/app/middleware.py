"""Middleware of every request: its id and span, its access log line, and problem details for every failure."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from shared.clock import Clock
from shared.http.app.spans import REQUEST_ID, is_probe, record_status, request_span, route_template
from shared.http.problems.details import HttpProblem, problem_response
from shared.http.wire.bodies import check_address
from shared.http.wire.headers import REQUEST_ID as REQUEST_ID_HEADER
from shared.ids import Ids
from shared.problems import Problem, problem

_log = structlog.get_logger("http")
_PREPARED_RESPONSE: Final = web.RequestKey("started", web.StreamResponse)
_CLIENT_CLOSED: Final = 499  # only in the log; the client has left
_SLUGS: Final = {
    400: "malformed-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    408: "request-timeout",
    413: "payload-too-large",
    415: "unsupported-media-type",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def middleware(clock: Clock, ids: Ids) -> Middleware:
    """The middleware, with `clock` for durations and `ids` for request ids."""

    @web.middleware
    async def handle_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        with request_span(request, ids) as span:
            started_at = clock.monotonic()
            status = _CLIENT_CLOSED
            try:
                response = await _respond(request, handler)
                status = response.status
            finally:
                record_status(span, status)
                _write_access_line(request, status, clock.monotonic() - started_at)
            return response

    return handle_request


async def add_standard_headers(http: web.Request, response: web.StreamResponse) -> None:
    """A signal handler for `on_response_prepare`: it adds the headers that every response has, streams too."""
    http[_PREPARED_RESPONSE] = response
    if REQUEST_ID in http:
        response.headers[REQUEST_ID_HEADER] = http[REQUEST_ID]
    response.headers["Server"] = "colloquy"  # instead of the names and versions of our libraries
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


async def _respond(http: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        check_address(http)
        return await handler(http)
    except Problem as error:
        failure = error
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - redirects are answers
            raise
        failure = _from_http_exception(error)
    except asyncio.CancelledError:
        raise  # the client has left, or the process stops: no fault to report
    except ConnectionError as error:
        if http.transport is None or http.transport.is_closing():
            return web.Response(status=_CLIENT_CLOSED)
        failure = _internal_error(error)
    except Exception as error:  # noqa: BLE001 - the last resort: logged with its traceback, answered without it
        failure = _internal_error(error)
    if _PREPARED_RESPONSE in http:
        _log.warning("http.cut", slug=failure.slug)
        return _abort_connection(http)
    return problem_response(failure, http[REQUEST_ID])


def _internal_error(error: Exception) -> Problem:
    _log.error("http.failed", error=type(error).__name__, exc_info=error)
    return problem("internal-error", "This is a fault of ours. It has been logged.")


def _from_http_exception(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return HttpProblem("method-not-allowed", headers={"Allow": error.headers["Allow"]})
    return problem(_SLUGS.get(error.status, "internal-error" if error.status >= 500 else "malformed-request"))  # noqa: PLR2004


def _abort_connection(http: web.Request) -> web.StreamResponse:
    """The response has begun, so its status is sent: abort the connection, so that the client notices the failure."""
    if http.transport is not None:
        http.transport.abort()
    return http[_PREPARED_RESPONSE]


def _write_access_line(http: web.Request, status: int, seconds: float) -> None:
    route = route_template(http)
    if not is_probe(route):
        _log.info("http.request", method=http.method, route=route, status=status, took_ms=round(seconds * 1000, 1))
