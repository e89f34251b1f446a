"""Reads and checks the request headers that routes use."""

import re
from typing import Final

from aiohttp import web

from shared.http.app.limits import IDEMPOTENCY_KEY_MAX, LAST_EVENT_ID_MAX, TOKEN_MAX
from shared.http.app.routes import Route
from shared.http.problems.details import HttpProblem
from shared.http.wire.etags import parse_if_match
from shared.http.wire.validation import header_problem
from shared.persistence.requests import VersionCondition
from shared.problems import Problem, problem

REQUEST_ID: Final = "X-Request-Id"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
IF_MATCH: Final = "If-Match"
LAST_EVENT_ID: Final = "Last-Event-ID"

_REQUEST_ID_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
_BEARER: Final = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)


def inbound_request_id(http: web.Request) -> str | None:
    """The caller's request id, if it is well-formed and so may be logged."""
    value = http.headers.get(REQUEST_ID, "")
    return value if _REQUEST_ID_PATTERN.fullmatch(value) else None


def bearer_token(http: web.Request) -> str:
    """The token. Raises `unauthenticated` when there is none, or more than one."""
    values = http.headers.getall("Authorization", [])
    if not values:
        raise unauthenticated("No token was sent.")
    match = _BEARER.fullmatch(values[0]) if len(values) == 1 and len(values[0]) <= TOKEN_MAX else None
    if match is None:
        raise unauthenticated("The header Authorization is not 'Bearer' and one token.")
    return match[1]


def unauthenticated(detail: str, *, error: str | None = None) -> Problem:
    challenge = 'Bearer realm="colloquy"' + (f', error="{error}"' if error else "")
    return HttpProblem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def idempotency_key(http: web.Request, route: Route) -> str | None:
    """The key: any text of 1 to 128 printable characters. Raises `idempotency-key-missing` where one is required."""
    if not route.idempotent:
        return None
    key = _single_header(http, IDEMPOTENCY_KEY)
    if key is None:
        if route.idempotent == "required":
            raise problem("idempotency-key-missing")
        return None
    if not 0 < len(key) <= IDEMPOTENCY_KEY_MAX or not key.isprintable():
        raise header_problem(IDEMPOTENCY_KEY, f"1 to {IDEMPOTENCY_KEY_MAX} printable characters.")
    return key


def if_match(http: web.Request, route: Route) -> VersionCondition | None:
    """The condition of If-Match. Raises `precondition-required` where the route requires one."""
    if route.if_match is None:
        return None
    header = _single_header(http, IF_MATCH)
    if header is None and route.if_match == "required":
        raise problem("precondition-required")
    return parse_if_match(header) if header is not None else None


def last_event_id(http: web.Request, route: Route) -> str | None:
    if not route.streams:
        return None
    position = _single_header(http, LAST_EVENT_ID)
    if position is not None and (len(position) > LAST_EVENT_ID_MAX or not position.isprintable()):
        raise header_problem(LAST_EVENT_ID, "An id that the stream has sent.")
    return position or None


def _single_header(http: web.Request, name: str) -> str | None:
    values = http.headers.getall(name, [])
    if len(values) > 1:
        raise header_problem(name, "Send it once.")
    return values[0] if values else None
