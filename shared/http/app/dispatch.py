"""From aiohttp's request to a route's function and back, always in the same order: who, may they, what, do it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from structlog.contextvars import bind_contextvars

from shared.http.app.limits import Limits
from shared.http.app.rate_limit import TokenBuckets
from shared.http.app.requests import Reply, Request
from shared.http.app.routes import Route
from shared.http.app.spans import REQUEST_ID, TRACE
from shared.http.problems.details import problem
from shared.http.wire.bodies import parse_body, parse_query, path_parameters
from shared.http.wire.cursors import CursorSigner
from shared.http.wire.headers import bearer_token, idempotency_key, if_match, last_event_id, unauthenticated
from shared.identity import GroupDirectory, InvalidToken, KeysUnavailable, Principal, Verifier


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before every route of a process."""

    people: Verifier
    services: Verifier | None  # None: nobody may call `/internal`
    directory: GroupDirectory | None
    buckets: TokenBuckets
    limits: Limits
    cursors: CursorSigner
    context: object

    async def identify(self, http: web.Request, route: Route) -> Principal | None:
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

    def count(self, principal: Principal) -> None:
        wait = self.buckets.take(f"{principal.kind}:{principal.subject}")
        if wait > 0:
            raise problem("rate-limited", retry_after=wait)


def serve_route(route: Route, gate: Gate) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    patterns = {name: re.compile(pattern) for name, pattern in route.parameters.items()}

    async def serve(http: web.Request) -> web.StreamResponse:
        principal = await gate.identify(http, route)
        if principal is not None:
            if route.counted:
                gate.count(principal)
            await route.rule.check(principal, gate.directory)
        path = path_parameters(http, route, patterns)
        query = parse_query(http, route.query)
        key = idempotency_key(http, route)
        condition = if_match(http, route)
        position = last_event_id(http, route)
        body, body_hash = await parse_body(http, route, gate.limits)
        request: Request[Any, Any, Any] = Request(
            http=http,
            operation=route.name,
            body=body,
            query=query,
            context=gate.context,
            path=path,
            request_id=http[REQUEST_ID],
            traceparent=http[TRACE],
            caller=principal,
            cursors=gate.cursors,
            idempotency_key=key,
            if_match=condition,
            last_event_id=position,
            body_hash=body_hash,
        )
        answer = await route.handle(request)
        return answer.response() if isinstance(answer, Reply) else answer

    return serve
