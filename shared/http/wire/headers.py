"""Headers that routes take, checked."""

import re
from typing import Final

from aiohttp import web

from shared.http.app.limits import IDEMPOTENCY_KEY_MAX, LAST_EVENT_ID_MAX, TOKEN_MAX
from shared.http.app.routes import Route
from shared.http.problems.details import Problem, problem
from shared.http.wire.etags import IfMatch
from shared.http.wire.validation import header_problem

REQUEST_ID: Final = "X-Request-Id"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
IF_MATCH: Final = "If-Match"
LAST_EVENT_ID: Final = "Last-Event-ID"

_SANE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
_BEARER: Final = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE)


def inbound_request_id(http: web.Request) -> str | None:
    """The caller's request id, if it is one that may stand in a log line."""
    given = http.headers.get(REQUEST_ID, "")
    return given if _SANE_REQUEST_ID.fullmatch(given) else None


def bearer_token(http: web.Request) -> str:
    """Raises `unauthenticated` when there is none, or more than one."""
    given = http.headers.getall("Authorization", [])
    if not given:
        raise unauthenticated("No token was sent.")
    found = _BEARER.fullmatch(given[0]) if len(given) == 1 and len(given[0]) <= TOKEN_MAX else None
    if found is None:
        raise unauthenticated("The header Authorization is not 'Bearer' and one token.")
    return found[1]


def unauthenticated(detail: str, *, error: str | None = None) -> Problem:
    challenge = 'Bearer realm="colloquy"' + (f', error="{error}"' if error else "")
    return problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def idempotency_key(http: web.Request, route: Route) -> str | None:
    """Any text of 1 to 128 characters. Raises `idempotency-key-missing` where the route demands it."""
    if not route.idempotent:
        return None
    key = _single(http, IDEMPOTENCY_KEY)
    if key is None:
        if route.idempotent == "required":
            raise problem("idempotency-key-missing")
        return None
    if not 0 < len(key) <= IDEMPOTENCY_KEY_MAX or not key.isprintable():
        raise header_problem(IDEMPOTENCY_KEY, f"1 to {IDEMPOTENCY_KEY_MAX} printable characters.")
    return key


def if_match(http: web.Request, route: Route) -> IfMatch | None:
    """Raises `precondition-required` where the route demands it."""
    if route.if_match is None:
        return None
    header = _single(http, IF_MATCH)
    if header is None and route.if_match == "required":
        raise problem("precondition-required")
    return IfMatch.parse(header) if header is not None else None


def last_event_id(http: web.Request, route: Route) -> str | None:
    if not route.streams:
        return None
    given = _single(http, LAST_EVENT_ID)
    if given is not None and (len(given) > LAST_EVENT_ID_MAX or not given.isprintable()):
        raise header_problem(LAST_EVENT_ID, "An id that the stream has sent.")
    return given or None


def _single(http: web.Request, name: str) -> str | None:
    given = http.headers.getall(name, [])
    if len(given) > 1:
        raise header_problem(name, "Send it once.")
    return given[0] if given else None
