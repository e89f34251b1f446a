"""Around every request: its names, its line in the log, and an answer in problem details whatever goes wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from shared.clock import Clock
from shared.http.app.spans import REQUEST_ID, answered, is_quiet, route_of, traced
from shared.http.problems.details import Problem, problem
from shared.http.wire.bodies import check_address
from shared.http.wire.headers import REQUEST_ID as REQUEST_ID_HEADER
from shared.ids import Ids

_log = structlog.get_logger("http")
_STARTED: Final = web.RequestKey("started", web.StreamResponse)
_CLIENT_CLOSED: Final = 499  # only in the log: nobody is there to get it
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
    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        with traced(request, ids) as span:
            began = clock.monotonic()
            status = _CLIENT_CLOSED
            try:
                response = await _answer(request, handler)
                status = response.status
            finally:
                answered(span, status)
                _write_access_line(request, status, clock.monotonic() - began)
            return response

    return around


async def mark(http: web.Request, response: web.StreamResponse) -> None:
    """As `on_response_prepare`: headers that every answer carries, streams too."""
    http[_STARTED] = response
    if REQUEST_ID in http:
        response.headers[REQUEST_ID_HEADER] = http[REQUEST_ID]
    response.headers["Server"] = "colloquy"  # not our libraries and their versions
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


async def _answer(http: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        check_address(http)
        return await handler(http)
    except Problem as error:
        found = error
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - redirects are answers
            raise
        found = _translated(error)
    except asyncio.CancelledError:
        raise  # the client is gone, or the process ends: nobody's fault
    except ConnectionError as error:
        if http.transport is None or http.transport.is_closing():
            return web.Response(status=_CLIENT_CLOSED)
        found = _unexpected(error)
    except Exception as error:  # noqa: BLE001 - the last one: logged with its traceback, told without it
        found = _unexpected(error)
    if _STARTED in http:
        _log.warning("http.cut", slug=found.slug)
        return _broken_off(http)
    return found.response(http[REQUEST_ID])


def _unexpected(error: Exception) -> Problem:
    _log.error("http.failed", error=type(error).__name__, exc_info=error)
    return problem("internal-error", "This is a fault of ours. It has been logged.")


def _translated(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return problem("method-not-allowed", headers={"Allow": error.headers["Allow"]})
    return problem(_SLUGS.get(error.status, "internal-error" if error.status >= 500 else "malformed-request"))  # noqa: PLR2004


def _broken_off(http: web.Request) -> web.StreamResponse:
    """Too late for another answer: cut the connection, so that the client sees an end that is none."""
    if http.transport is not None:
        http.transport.abort()
    return http[_STARTED]


def _write_access_line(http: web.Request, status: int, seconds: float) -> None:
    route = route_of(http)
    if not is_quiet(route):
        _log.info("http.request", method=http.method, route=route, status=status, took_ms=round(seconds * 1000, 1))
