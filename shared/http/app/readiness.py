"""Health and readiness routes: whether the process is up, and whether its dependencies answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import structlog
from pydantic import BaseModel

from shared.clock import Clock
from shared.http.app.limits import RequestLimits
from shared.http.app.requests import Reply, Request
from shared.http.app.routes import Route, route
from shared.http.app.rules import internal_service, public
from shared.problems import problem

Check = Callable[[], Awaitable[None]]  # raises when the dependency does not answer
_log = structlog.get_logger("readiness")


class Health(BaseModel):
    status: Literal["up"] = "up"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"


class Dependency(BaseModel):
    status: Literal["ok", "failed", "timeout"]
    took_ms: float
    error: str | None = None  # the exception's name


class Readiness(BaseModel):
    status: Literal["ready", "not-ready", "stopping"]
    dependencies: dict[str, Dependency]


class ReadinessProbe:
    """Checks all dependencies concurrently; a report is reused for a second (`RequestLimits.readiness_cache_s`)."""

    def __init__(
        self, checks: Mapping[str, Check], limits: RequestLimits, clock: Clock, stopping: asyncio.Event
    ) -> None:
        self._checks = checks
        self._limits = limits
        self._clock = clock
        self._stopping = stopping
        self._lock = asyncio.Lock()
        self._last: tuple[float, dict[str, Dependency]] | None = None

    async def report(self) -> Readiness:
        async with self._lock:
            if self._last is None or self._clock.monotonic() - self._last[0] > self._limits.readiness_cache_s:
                results = await asyncio.gather(*(self._run_check(name, check) for name, check in self._checks.items()))
                self._last = (self._clock.monotonic(), dict(zip(self._checks, results, strict=True)))
        dependencies = self._last[1]
        if self._stopping.is_set():
            return Readiness(status="stopping", dependencies=dependencies)
        all_ok = all(each.status == "ok" for each in dependencies.values())
        return Readiness(status="ready" if all_ok else "not-ready", dependencies=dependencies)

    async def _run_check(self, name: str, check: Check) -> Dependency:
        started_at = self._clock.monotonic()
        status: Literal["ok", "failed", "timeout"] = "ok"
        error: str | None = None
        try:
            async with asyncio.timeout(self._limits.readiness_s):
                await check()
        except TimeoutError:
            status, error = "timeout", "TimeoutError"
        except Exception as fault:  # noqa: BLE001 - any error means that the dependency is not ready
            status, error = "failed", type(fault).__name__
        took_ms = round((self._clock.monotonic() - started_at) * 1000, 1)
        if status != "ok":
            _log.warning("readiness.failed", dependency=name, status=status, error=error, took_ms=took_ms)
        return Dependency(status=status, took_ms=took_ms, error=error)


def probe_routes(service: str, probe: ReadinessProbe) -> list[Route]:
    """The three operational routes that every service has."""

    @route(
        "GET", f"/api/{service}/health", summary="Is the process up?", rule=public, returns={200: Health},
        tags=["operations"],
    )  # fmt: skip
    async def health(_request: Request) -> Reply:
        return Reply(body=Health())

    @route(
        "GET", f"/api/{service}/ready", summary="Do its dependencies answer?", rule=public, returns={200: Ready},
        problems=["service-unavailable"], tags=["operations"],
    )  # fmt: skip
    async def ready(_request: Request) -> Reply:
        if (await probe.report()).status != "ready":
            raise problem("service-unavailable", "The service is not ready.", retry_after=1)
        return Reply(body=Ready())

    @route(
        "GET", f"/internal/{service}/ready", summary="Each dependency by name, with its fault",
        rule=internal_service, returns={200: Readiness, 503: Readiness}, counted=False, tags=["operations"],
    )  # fmt: skip
    async def dependencies(_request: Request) -> Reply:
        report = await probe.report()
        return Reply(200 if report.status == "ready" else 503, report)

    return [health, ready, dependencies]
