"""The application that every service is: its routes behind one gate, and what all services answer alike."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from aiohttp import web
from pydantic import BaseModel, ConfigDict, SecretStr

from shared.clock import Clock, SystemClock
from shared.http.app.dispatch import Gate, serve_route
from shared.http.app.keys import LIMITS, STOPPING
from shared.http.app.limits import Limits
from shared.http.app.middleware import mark, middleware
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
from shared.problems.kinds import KINDS


class RouteRefusedError(Exception):
    """A route that must not go live: without a rule, at a wrong address, or named like another."""


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
    limits: Limits | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    version: str = "1",
) -> web.Application:
    """The service's application. `context` is handed to each route as `request.context`.

    `readiness`: dependency → a call that raises when it does not answer. `internal_verifier` opens
    `/internal/<service>/…` to other services. `directory` lets group rules ask for a person's groups of now.
    Raises RouteRefusedError.
    """
    limits = limits or Limits()
    clock = clock or SystemClock()
    stopping = asyncio.Event()
    app = web.Application(middlewares=[middleware(clock, ids or UlidIds(clock))])
    app[STOPPING] = stopping
    app[LIMITS] = limits
    app.on_response_prepare.append(mark)
    app.on_shutdown.append(_stop)

    probe = ReadinessProbe(readiness, limits, clock, stopping)
    everything = [*routes, *probe_routes(service, probe)]
    everything.append(_openapi_route(service, everything, version))
    _refuse_unsound(service, everything)

    buckets = TokenBuckets(rate=limits.requests_per_s, burst=limits.burst, capacity=limits.principals, clock=clock)
    gate = Gate(
        people=verifier,
        services=internal_verifier,
        directory=directory,
        buckets=buckets,
        limits=limits,
        cursors=CursorSigner(cursor_secret),
        context=context,
    )
    for each in everything:
        app.router.add_route(each.method, each.template, serve_route(each, gate))
    app.router.add_route("GET", "/problems", list_problems)
    app.router.add_route("GET", "/problems/{slug}", show_problem)
    return app


async def _stop(app: web.Application) -> None:
    app[STOPPING].set()


def _openapi_route(service: str, routes: Sequence[Route], version: str) -> Route:
    made: list[bytes] = []

    @route(
        "GET", f"/api/{service}/openapi.json", summary="This document", rule=public,
        returns={200: OpenApiDocument}, tags=["operations"],
    )  # fmt: skip
    async def openapi(_request: Request) -> web.Response:
        if not made:  # not at start, which is a cold start's time
            made.append(json.dumps(document(service, [*routes, openapi], version=version)).encode())
        return web.Response(body=made[0], content_type="application/json")

    return openapi


def _refuse_unsound(service: str, routes: Sequence[Route]) -> None:
    for each in routes:
        where = f"{each.method} {each.template}"
        if not isinstance(each.rule, Rule):
            raise RouteRefusedError(f"{where} names no rule")
        inside = each.template.startswith(f"/internal/{service}/")
        if not inside and not each.template.startswith((f"/api/{service}/", "/v1/")):
            raise RouteRefusedError(f"{where} is outside /api/{service}, /internal/{service} and /v1")
        if inside != (each.rule.audience == "services"):
            raise RouteRefusedError(f"{where}: services call /internal, everybody else does not")
        unknown = set(each.problems) - KINDS.keys()
        if unknown:
            raise RouteRefusedError(f"{where} names problems that are not registered: {', '.join(sorted(unknown))}")
    for values, what in (
        ([each.name for each in routes], "name"),
        ([f"{each.method} {each.template}" for each in routes], "address"),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise RouteRefusedError(f"two routes have the same {what}: {', '.join(twice)}")
