"""Health says that the process is up, readiness that its dependencies answer; details are for services only."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from shared.http import Limits
from shared.http.app.readiness import Check, ReadinessProbe
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from tests.fakes.clock import FakeClock
from tests.fakes.http_service import Client, notes_client
from tests.unit.shared.http.answers import expect

CANARY = "host-name-and-table-of-the-inside"


async def fine() -> None:
    return


async def broken() -> None:
    raise ConnectionError(CANARY)


async def stuck() -> None:
    await asyncio.Event().wait()


async def test_a_live_process_is_up_whatever_its_dependencies_do() -> None:
    async with notes_client(readiness={"table": broken}) as client:
        answer = await client.get("/api/notes/health")
        assert (answer.status, await answer.json()) == (200, {"status": "up"})


async def test_ready_is_when_all_answer() -> None:
    async with notes_client(readiness={"table": fine, "queue": fine}) as client:
        answer = await client.get("/api/notes/ready")
        assert (answer.status, await answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("check", [broken, stuck])
async def test_one_that_does_not_answer_makes_it_not_ready_and_is_not_named_in_public(check: Check) -> None:
    limits = Limits(readiness_s=0.02)
    async with notes_client(readiness={"table": fine, CANARY: check}, limits=limits) as client:
        answer = await client.get("/api/notes/ready")
        await expect(answer, 503, "service-unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert CANARY not in await answer.text()


async def test_services_are_told_which_and_why_but_no_secrets() -> None:
    clock = FakeClock()
    tokens = InternalTokens("notes", SecretStr("a secret of services, and long enough"), clock=clock)
    checks = {"table": fine, "queue": broken, "bus": stuck}
    async with notes_client(readiness=checks, limits=Limits(readiness_s=0.02), internal_verifier=tokens) as client:
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


async def test_nobody_else_is(client: Client) -> None:
    await expect(await client.get("/internal/notes/ready"), 401, "unauthenticated")


async def test_a_thousand_who_ask_cost_one_question() -> None:
    asked = 0

    async def counted() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)

    clock = FakeClock()
    probe = ReadinessProbe({"table": counted}, Limits(readiness_cache_s=1), clock, asyncio.Event())
    await asyncio.gather(*(probe.report() for _ in range(1000)))
    assert asked == 1
    clock.advance(1.1)
    await probe.report()
    assert asked == 2


async def test_a_process_that_is_about_to_end_is_not_ready() -> None:
    stopping = asyncio.Event()
    probe = ReadinessProbe({"table": fine}, Limits(), FakeClock(), stopping)
    assert (await probe.report()).status == "ready"
    stopping.set()
    assert (await probe.report()).status == "stopping"
