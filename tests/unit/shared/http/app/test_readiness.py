"""Health: the process is up. Readiness: its dependencies answer. Only services may see the details."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from shared.http import RequestLimits
from shared.http.app.readiness import Check, ReadinessProbe
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from tests.fakes.clock import FakeClock
from tests.fakes.http_service import Client, notes_client
from tests.unit.shared.http.answers import expect

CANARY = "host-name-and-table-of-the-inside"


async def succeed() -> None:
    return


async def fail() -> None:
    raise ConnectionError(CANARY)


async def hang() -> None:
    await asyncio.Event().wait()


async def test_health_does_not_depend_on_the_dependencies() -> None:
    async with notes_client(readiness={"table": fail}) as client:
        answer = await client.get("/api/notes/health")
        assert (answer.status, await answer.json()) == (200, {"status": "up"})


async def test_a_process_is_ready_if_all_dependencies_answer() -> None:
    async with notes_client(readiness={"table": succeed, "queue": succeed}) as client:
        answer = await client.get("/api/notes/ready")
        assert (answer.status, await answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("check", [fail, hang])
async def test_a_failing_dependency_makes_the_process_not_ready_and_is_not_named_in_public(check: Check) -> None:
    limits = RequestLimits(readiness_s=0.02)
    async with notes_client(readiness={"table": succeed, CANARY: check}, limits=limits) as client:
        answer = await client.get("/api/notes/ready")
        await expect(answer, 503, "service-unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert CANARY not in await answer.text()


async def test_the_internal_report_has_status_and_error_of_each_dependency_but_no_details() -> None:
    clock = FakeClock()
    tokens = InternalTokens("notes", SecretStr("a secret of services, and long enough"), clock=clock)
    checks = {"table": succeed, "queue": fail, "bus": hang}
    async with notes_client(
        readiness=checks, limits=RequestLimits(readiness_s=0.02), internal_verifier=tokens
    ) as client:
        token = tokens.sign("notes", Principal("supervisor", "service"))
        answer = await client.get("/internal/notes/ready", headers={"Authorization": f"Bearer {token}"})
        report: dict[str, Any] = await answer.json()
    assert answer.status == 503
    assert report["status"] == "not-ready"
    assert {name: (each["status"], each["error"]) for name, each in report["dependencies"].items()} == {
        "table": ("ok", None),
        "queue": ("failed", "ConnectionError"),
        "bus": ("timeout", "TimeoutError"),
    }
    assert CANARY not in await answer.text()


async def test_the_internal_report_needs_an_internal_token(client: Client) -> None:
    await expect(await client.get("/internal/notes/ready"), 401, "unauthenticated")


async def test_concurrent_reports_check_each_dependency_once() -> None:
    checks = 0

    async def count_checks() -> None:
        nonlocal checks
        checks += 1
        await asyncio.sleep(0)

    clock = FakeClock()
    probe = ReadinessProbe({"table": count_checks}, RequestLimits(readiness_cache_s=1), clock, asyncio.Event())
    await asyncio.gather(*(probe.report() for _ in range(1000)))
    assert checks == 1
    clock.advance(1.1)
    await probe.report()
    assert checks == 2


async def test_a_stopping_process_is_not_ready() -> None:
    stopping = asyncio.Event()
    probe = ReadinessProbe({"table": succeed}, RequestLimits(), FakeClock(), stopping)
    assert (await probe.report()).status == "ready"
    stopping.set()
    assert (await probe.report()).status == "stopping"
