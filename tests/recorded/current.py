"""The code of this checkout on the state of a recorded release: only this module of the suite imports its classes."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from aiohttp import ClientSession

from services.agents.app import build as build_agents
from services.agents.settings import AgentsSettings
from services.agents.tables import CallsTable
from services.analytics.app import build as build_analytics
from services.analytics.settings import AnalyticsSettings
from services.analytics.tables import LedgerTable
from services.bots.app import build as build_bots
from services.bots.tables import BotsTable
from services.chat.api import ROUTES as CHAT_ROUTES
from services.chat.domain.stream_lease import Caller
from services.ingest.app import build as build_ingest
from services.ingest.settings import IngestSettings
from services.ingest.tables import IngestTable
from shared.events.consumer.messages import Postpone, QueueMessage
from shared.host.service_app import ServiceApp
from shared.identity import CREATING_BOT_ALLOWED, Principal
from shared.ids import UlidIds
from shared.llm.invocation import Invocation
from shared.llm.port import ModelFailedError, ToolUse
from shared.problems import Problem
from shared.settings import PublisherSettings
from tests.fakes import chat_models
from tests.fakes.chat_service import BUCKET, CALLS, LOG, TABLE, TURNS, FakeChat, World
from tests.fakes.http_service import bearer
from tests.fakes.runtime import fake_runtime, fake_settings
from tests.fakes.service_client import service_client
from tests.recorded.loader import Loaded

TABLES: Final = {"chat": TABLE, "turn-log": LOG, "agents": "agents", "analytics": "analytics", "bots": "bots",
                 "ingest": "ingest"}  # fmt: skip
QUEUES: Final = {"turns": TURNS, "calls": CALLS}
_BUILDS: Final[dict[str, tuple[Any, type[Any]]]] = {
    "agents": (build_agents, AgentsSettings), "analytics": (build_analytics, AnalyticsSettings),
    "bots": (build_bots, PublisherSettings), "ingest": (build_ingest, IngestSettings),
}  # fmt: skip
CONTENT_BUCKET: Final = BUCKET
MODEL_FAILS: Final = ModelFailedError("model-access-denied")
_MAX_STEPS: Final = 500


class Current:
    """All services. `async with Current(loaded, bot_creators) as current` serves their routes.

    `bot_creators`: subjects that may create bots. Chat's model answers every prompt with "Hello there."
    """

    Refused = Problem

    def __init__(self, loaded: Loaded, bot_creators: tuple[str, ...] = ()) -> None:
        world = World()
        self.clock, self.dynamodb, self.sqs, self.s3 = loaded.clock, loaded.dynamodb, loaded.sqs, loaded.s3
        world.clock, world.dynamodb, world.sqs, world.s3 = self.clock, self.dynamodb, self.sqs, self.s3
        world.ids = self.ids = UlidIds(self.clock)
        world.tool_catalog = chat_models.FakeToolCatalog("calculator", "nap")
        self.models = world.models
        self.chat = FakeChat(world)
        dynamodb: Any = self.dynamodb
        self.calls = CallsTable(dynamodb, "agents", lambda _: None, self.clock)
        self.bots = BotsTable(dynamodb, "bots", lambda _: None, self.clock)
        self.ingest = IngestTable(dynamodb, "ingest", lambda _: None, self.clock)
        self.ledger = LedgerTable(dynamodb, "analytics")
        self._apps: dict[str, ServiceApp] = {}
        self._consumers: dict[str, Callable[[QueueMessage], Awaitable[None]]] = {
            url: queue.handle for queue in self.chat.queues() for url in [queue.url]
        }
        self._creators = dict.fromkeys(bot_creators, frozenset({CREATING_BOT_ALLOWED}))
        self._open = AsyncExitStack()
        self._clients: dict[str, ClientSession] = {}

    async def __aenter__(self) -> "Current":  # noqa: PYI034 - it has no subclasses
        contexts: dict[str, tuple[Any, Any]] = {"chat": (CHAT_ROUTES, self.chat.context())}
        for service, (build, settings) in _BUILDS.items():
            runtime = fake_runtime(self.dynamodb, self.sqs, self.s3, clock=self.clock)
            named = {"turns_queue_url": TURNS, "calls_queue_url": CALLS} if service == "agents" else {}
            app = await build(runtime, fake_settings(settings, table=service, **named))
            self._apps[service] = app
            contexts[service] = (app.routes, app.context)
        self._consumers[CALLS] = self._apps["agents"].queue("calls").handle
        for service, (routes, context) in contexts.items():
            opened = service_client(service, routes, context, self.clock, self._creators)
            self._clients[service] = await self._open.enter_async_context(opened)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def call(self, user: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and parsed body of a request by the user with this subject."""
        self.clock.advance(0.1)  # keeps below the rate limit
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self._clients[path.split("/")[2]]
        async with client.request(method, path, json=body, headers=bearer(user) | named) as answer:
            return answer.status, await answer.json(content_type=None)

    async def ask(self, user: str, path: str, body: Any, headers: Mapping[str, str]) -> str:
        """Start a turn and read its answer, streamed or not; returns the turn id."""
        async with self._clients["chat"].post(path, json=body, headers=bearer(user) | dict(headers)) as answer:
            text = await answer.text()
            assert answer.status in {200, 202}, text
        await self._run_turns()
        found = re.search(r'"turn_id": ?"(turn_\w+)"', text)
        assert found
        return found[1]

    async def handle_now(self, queue: str) -> None:
        """Handle the visible messages of the queue `turns` or `calls`."""
        while await self._handle_next(QUEUES[queue]):
            pass

    async def handle_queued_messages(self) -> None:
        """Let chat and agents handle the messages of their queues until none is left, and advance the clock."""
        for _ in range(_MAX_STEPS):
            handled = [await self._handle_next(url) for url in self._consumers]
            if any(handled):
                continue
            waits = [wait for url in self._consumers for wait in self.sqs.visible_in(url)]
            if not waits:
                return
            self.clock.advance(min(waits) + 0.001)
        raise AssertionError(f"messages are left: {[self.sqs.bodies(url) for url in self._consumers]}")

    async def _handle_next(self, url: str) -> bool:
        answer = await self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])
        for received in answer["Messages"]:
            try:
                await self._consumers[url](QueueMessage.from_sqs(received))
            except Postpone as later:
                await self.sqs.send_message(
                    QueueUrl=url, MessageBody=received["Body"], DelaySeconds=round(later.seconds + 0.5),
                    MessageAttributes=received.get("MessageAttributes"),
                )  # fmt: skip
            await self.sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
            await self._run_turns()
        return bool(answer["Messages"])

    async def _run_turns(self) -> None:
        while running := self.chat.tasks._tasks:
            await asyncio.gather(*running)

    async def handle_event(self, service: str, body: str) -> None:
        """Let the events consumer of this service handle a delivery of EventBridge. Chat has no such consumer yet."""
        await self._apps[service].queue("events").handle(QueueMessage("message", body, "receipt"))

    async def start_turn(self, conversation_id: str, owner: str, **settings: Any) -> str:
        """Queue a turn in a process with these settings; returns its id. Raises `Refused`."""
        process = self.chat.other_process(**settings)
        head = await process.conversations.get(Principal(owner, "user"), conversation_id)
        return (await process.start(head, run_here=False)).turn.id

    async def streams_that_can_open(self, owner: str, **settings: Any) -> int:
        """How many more streams this caller may open, in a process with these settings."""
        process, opened = self.chat.other_process(**settings), 0
        while True:
            try:
                await process.concurrency.open_stream(Caller(owner, "user"))
            except Problem:
                return opened
            opened += 1

    async def frames(self, turn_id: str) -> list[tuple[int, str, str]]:
        """The turn's log: sequence, event and data."""
        return [(each.seq, each.event, each.data) for each in await self.chat.store.log.after(turn_id, 0)]

    async def invocations(self, turn_id: str) -> list[Invocation]:
        return await self.chat.store.invocations.of_turn(turn_id)

    def model_calls_tool(self, tool: str, **given: Any) -> None:
        """Let the next answer of chat's model be a call of this tool."""
        self.models.next_answers.append(chat_models.tool_calls(ToolUse(tool, given)))

    def model_fails(self) -> None:
        """Let the next answer of chat's model fail."""
        self.models.next_answers.append([MODEL_FAILS])

    def sent(self) -> list[tuple[str, str, dict[str, str]]]:
        """Queue (`turns`, `calls`, …), body and attributes of every message on a queue."""
        names = {url: name for name, url in QUEUES.items()}
        return [
            (names.get(url, url), body, attributes)
            for url in list(self.sqs._queues)
            for body, attributes in zip(self.sqs.bodies(url), self.sqs.attributes(url), strict=True)
        ]

    def outbox(self) -> list[str]:
        """The unpublished envelopes of all tables, as JSON."""
        return [
            item["envelope"]["S"]
            for table in TABLES.values()
            for item in self.dynamodb.items(table)
            if item["pk"]["S"].startswith("OUTBOX#")
        ]
