"""Builds the aiohttp application of a service: its routes, and the operational routes that every service has."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from aiohttp import web
from pydantic import BaseModel, ConfigDict, SecretStr

from shared.clock import Clock, SystemClock
from shared.http.app.dispatch import Dispatcher, handler_for
from shared.http.app.keys import LIMITS, STOPPING
from shared.http.app.limits import RequestLimits
from shared.http.app.middleware import add_standard_headers, middleware
from shared.http.app.rate_limit import TokenBuckets
from shared.http.app.readiness import Check, ReadinessProbe, probe_routes
from shared.http.app.requests import Request
from shared.http.app.routes import Route, route
from shared.http.app.rules import Rule, public
from shared.http.openapi.document import document
from shared.http.problems.pages import list_problems, show_problem
from shared.http.wire.cursors import CursorSigner
from shared.identity import GroupDirectory, Verifier
from shared.ids import Ids, UlidIds
from shared.problems import KINDS


class RouteRefusedError(Exception):
    """A route is not acceptable: it has no rule, a wrong address, or the name of another route."""


class OpenApiDocument(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


def build_app(
    service: str,
    routes: Sequence[Route],
    context: object,
    verifier: Verifier,
    readiness: Mapping[str, Check],
    *,
    cursor_secret: SecretStr,
    internal_verifier: Verifier | None = None,
    directory: GroupDirectory | None = None,
    limits: RequestLimits | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    version: str = "1",
) -> web.Application:
    """Build the service's application. Each route gets `context` as `request.context`.

    `readiness`: dependency → a call that raises when it does not answer. `internal_verifier` verifies the tokens of
    other services; without it, `/internal/<service>/…` refuses every call. `directory` tells group rules which groups
    a person is in now. Raises RouteRefusedError.
    """
    limits = limits or RequestLimits()
    clock = clock or SystemClock()
    stopping = asyncio.Event()
    app = web.Application(middlewares=[middleware(clock, ids or UlidIds(clock))])
    app[STOPPING] = stopping
    app[LIMITS] = limits
    app.on_response_prepare.append(add_standard_headers)
    app.on_shutdown.append(_set_stopping)

    probe = ReadinessProbe(readiness, limits, clock, stopping)
    all_routes = [*routes, *probe_routes(service, probe)]
    all_routes.append(_openapi_route(service, all_routes, version))
    _check_routes(service, all_routes)

    buckets = TokenBuckets(rate=limits.requests_per_s, burst=limits.burst, capacity=limits.principals, clock=clock)
    dispatcher = Dispatcher(
        people=verifier,
        services=internal_verifier,
        directory=directory,
        buckets=buckets,
        limits=limits,
        cursors=CursorSigner(cursor_secret),
        context=context,
    )
    for each in all_routes:
        app.router.add_route(each.method, each.template, handler_for(each, dispatcher))
    app.router.add_route("GET", "/problems", list_problems)
    app.router.add_route("GET", "/problems/{slug}", show_problem)
    return app


async def _set_stopping(app: web.Application) -> None:
    app[STOPPING].set()


def _openapi_route(service: str, routes: Sequence[Route], version: str) -> Route:
    cached: list[bytes] = []

    @route(
        "GET", f"/api/{service}/openapi.json", summary="This document", rule=public,
        returns={200: OpenApiDocument}, tags=["operations"],
    )  # fmt: skip
    async def openapi(_request: Request) -> web.Response:
        if not cached:  # not at the start, to keep a Lambda environment's cold start short
            cached.append(json.dumps(document(service, [*routes, openapi], version=version)).encode())
        return web.Response(body=cached[0], content_type="application/json")

    return openapi


def _check_routes(service: str, routes: Sequence[Route]) -> None:
    for each in routes:
        address = f"{each.method} {each.template}"
        if not isinstance(each.rule, Rule):
            raise RouteRefusedError(f"{address} names no rule")
        is_internal = each.template.startswith(f"/internal/{service}/")
        if not is_internal and not each.template.startswith((f"/api/{service}/", "/v1/")):
            raise RouteRefusedError(f"{address} is outside /api/{service}, /internal/{service} and /v1")
        if is_internal != (each.rule.audience == "services"):
            raise RouteRefusedError(f"{address}: only services call /internal, and services call nothing else")
        unknown = set(each.problems) - KINDS.keys()
        if unknown:
            raise RouteRefusedError(f"{address} names problems that are not registered: {', '.join(sorted(unknown))}")
    for values, what in (
        ([each.name for each in routes], "name"),
        ([f"{each.method} {each.template}" for each in routes], "address"),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise RouteRefusedError(f"two routes have the same {what}: {', '.join(twice)}")
