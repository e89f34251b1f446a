"""Calls a route's function for an aiohttp request.

The order is always the same: authenticate, count against the rate limit, authorise, parse, call.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from structlog.contextvars import bind_contextvars

from shared.http.app.limits import RequestLimits
from shared.http.app.rate_limit import TokenBuckets
from shared.http.app.requests import Reply, Request
from shared.http.app.routes import Route
from shared.http.app.spans import REQUEST_ID, TRACE
from shared.http.wire.bodies import parse_body, parse_query, path_parameters
from shared.http.wire.cursors import CursorSigner
from shared.http.wire.headers import bearer_token, idempotency_key, if_match, last_event_id, unauthenticated
from shared.identity import GroupDirectory, InvalidToken, KeysUnavailable, Principal, Verifier
from shared.problems import problem


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What all routes of a process share: verifiers of tokens, limits, cursors and the service's context.

    `services` verifies tokens of other services; without it, every call of `/internal` is refused.
    """

    people: Verifier
    services: Verifier | None
    directory: GroupDirectory | None
    buckets: TokenBuckets
    limits: RequestLimits
    cursors: CursorSigner
    context: object

    async def authenticate(self, http: web.Request, route: Route) -> Principal | None:
        """The caller; None for a public route. Raises `unauthenticated`, and `service-unavailable` without keys."""
        if route.rule.audience == "anyone":
            return None
        token = bearer_token(http)
        verifier = self.people if route.rule.audience == "people" else self.services
        if verifier is None:
            raise unauthenticated("Services cannot call here.")
        try:
            principal = await verifier.verify(token)
        except InvalidToken as error:
            raise unauthenticated(f"The token is not valid: {error.reason}.", error="invalid_token") from error
        except KeysUnavailable as error:
            raise problem("service-unavailable", "Tokens cannot be checked at the moment.") from error
        bind_contextvars(subject=principal.subject)
        return principal

    def limit_rate(self, principal: Principal) -> None:
        """Count one request of this caller. Raises `rate-limited`."""
        wait = self.buckets.take(f"{principal.kind}:{principal.subject}")
        if wait > 0:
            raise problem("rate-limited", retry_after=wait)


def handler_for(route: Route, dispatcher: Dispatcher) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of this route."""
    patterns = {name: re.compile(pattern) for name, pattern in route.parameters.items()}

    async def serve(http: web.Request) -> web.StreamResponse:
        principal = await dispatcher.authenticate(http, route)
        if principal is not None:
            if route.counted:
                dispatcher.limit_rate(principal)
            await route.rule.check(principal, dispatcher.directory)
        path = path_parameters(http, route, patterns)
        query = parse_query(http, route.query)
        key = idempotency_key(http, route)
        version_condition = if_match(http, route)
        stream_position = last_event_id(http, route)
        body, body_hash = await parse_body(http, route, dispatcher.limits)
        request: Request[Any, Any, Any] = Request(
            http=http,
            operation=route.name,
            body=body,
            query=query,
            context=dispatcher.context,
            path=path,
            request_id=http[REQUEST_ID],
            traceparent=http[TRACE],
            caller=principal,
            cursors=dispatcher.cursors,
            idempotency_key=key,
            if_match=version_condition,
            last_event_id=stream_position,
            body_hash=body_hash,
        )
        answer = await route.handle(request)
        return answer.response() if isinstance(answer, Reply) else answer

    return serve
