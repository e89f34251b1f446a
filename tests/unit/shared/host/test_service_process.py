"""A service in a process: the roles `http`, one for each queue, and `relay` where it publishes events."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import aiohttp

from shared.events.outbox.relay import Relay
from shared.host.process import Roles
from shared.host.service_process import RELAY, roles_of
from shared.http import serving
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.event_bus import FakeEventBus
from tests.fakes.runtime import fake_runtime, fake_settings
from tests.fakes.sqs import FakeSqs
from tests.polling import until_true
from tests.unit.shared.host.example_service import ExampleService, ExampleSettings

QUEUE = "events-queue"


class Process:
    """A process of the service `notes` over clients in memory."""

    def __init__(self, *, publishes: bool = False) -> None:
        self.service = ExampleService()
        self.sqs = FakeSqs(FakeClock())
        self._publishes = publishes
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Roles:
        clock, dynamodb, bus = FakeClock(), FakeDynamoDb(), FakeEventBus()
        clients: Any = (dynamodb, bus, self.sqs)
        runtime = fake_runtime(dynamodb, self.sqs, clock=clock, stack=self._stack)
        if self._publishes:
            runtime = replace(runtime, relay=Relay(*clients, "table", "bus", "dead", clock))
        opening = roles_of("notes", fake_settings(ExampleSettings), runtime, self.service.build)
        return await self._stack.enter_async_context(opening)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


async def test_each_queue_is_a_role() -> None:
    async with Process() as roles:
        assert set(roles.workers) == {"events"}


async def test_a_service_that_publishes_events_has_the_role_of_the_relay() -> None:
    async with Process(publishes=True) as roles:
        assert set(roles.workers) == {"events", RELAY}


async def test_the_role_of_a_queue_polls_it_for_the_services_handler() -> None:
    process, stop = Process(), asyncio.Event()
    async with process as roles, asyncio.timeout(10), asyncio.TaskGroup() as group:
        await process.sqs.send_message(QueueUrl=QUEUE, MessageBody="a")
        group.create_task(roles.workers["events"](stop))
        await until_true(lambda: not process.sqs.bodies(QUEUE))
        stop.set()
    assert "handled a" in process.service.seen


async def test_the_role_http_serves_the_services_routes() -> None:
    async with (
        Process() as roles,
        serving(roles.app, "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        async with client.get("/api/notes/health") as health:
            assert health.status == 200
        async with client.get("/api/notes/openapi.json") as document:
            assert "/api/notes/notes" in (await document.json())["paths"]


async def test_background_tasks_run_until_the_process_ends() -> None:
    process = Process()
    async with process:
        await until_true(lambda: process.service.seen == ["background begins"])
    assert process.service.seen == ["background begins", "background ends"]


async def test_draining_the_process_drains_its_service() -> None:
    process = Process()
    async with process as roles:
        await roles.drain()
    assert "drained" in process.service.seen
