"""Agents' handler of tool calls over a table and queues in memory, in processes that can be killed at any step."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from services.agents.consumers import call_handlers, event_handlers
from services.agents.events import AgentEvents
from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from services.agents.tools import TOOLS, Tool
from shared.clock import epoch_millis
from shared.events.commands import AnswerToolCall, CallTool, CommandQueue
from shared.events.consumer.dispatch import CommandHandlers
from shared.events.consumer.messages import Postpone, QueueMessage
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.sqs import FakeSqs

TABLE, TURNS = "agents", "turns"
TURN = "turn_01J00000000000000000000000"
TIME_S = 60.0


class Killed(BaseException):
    """The process was killed; nothing after this point is executed."""


class Anything(BaseModel):
    words: list[str] = []


class Number(BaseModel):
    number: int


class KilledClient:
    """A client whose process is killed at its `at`-th call, `before` or after its effect; `pauses` precede the calls.

    All clients of a process share `calls`, the number of calls so far.
    """

    def __init__(self, client: Any, calls: list[str], at: int | None, when: str, pauses: Sequence[int] = ()) -> None:
        self._client = client
        self._calls = calls
        self._at = at
        self._when = when
        self._pauses = pauses

    def __getattr__(self, name: str) -> Any:
        async def call(**request: Any) -> Any:
            number = len(self._calls)
            self._calls.append(name)
            for _ in range(self._pauses[number % len(self._pauses)] if self._pauses else 0):
                await asyncio.sleep(0)
            if number == self._at and self._when == "before":
                raise Killed
            answer = await getattr(self._client, name)(**request)
            if number == self._at:
                raise Killed
            return answer

        return call


class ToolCallSystem:
    """The system with all its tools, and the tool `counter`, which returns the number of its runs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ids = UlidIds(self.clock)
        self.dynamodb = FakeDynamoDb()
        self.sqs = FakeSqs(self.clock)
        self.runs = 0
        self.tools: dict[str, Tool[Any]] = dict(TOOLS)
        self.add("counter", self._count, repeatable=True)
        self.notified: list[Envelope] = []

    def add(self, name: str, run: Any, **more: Any) -> None:
        given = {"description": "", "input": Anything, "output": Number, "limits": {}, **more}
        self.tools[name] = Tool(name=name, run=run, **given)

    def command(self, name: str = "counter", given: Mapping[str, Any] | None = None, **more: Any) -> CallTool:
        return CallTool.model_validate(
            {
                "call_id": self.ids.new("call"),
                "turn_id": TURN,
                "principal_kind": "user",
                "principal_id": "ann",
                "name": name,
                "input": given or {},
                "deadline": epoch_millis(self.clock.now()) + round(TIME_S * 1000),
            }
            | more
        )

    def process(self, at: int | None = None, when: str = "before", pauses: Sequence[int] = ()) -> CommandHandlers:
        """A process that is killed at its `at`-th AWS call, or never."""
        calls: list[str] = []
        table = CallsTable(
            KilledClient(self.dynamodb, calls, at, when, pauses), TABLE, self.notified.extend, self.clock
        )  # type: ignore[arg-type]
        answers = CommandQueue(KilledClient(self.sqs, calls, at, when, pauses), TURNS)  # type: ignore[arg-type]
        events = AgentEvents(self.clock, self.ids)
        return call_handlers(ToolCallHandler(self.tools, table, answers, events, self.clock))

    async def call(self, command: CallTool) -> None:
        await self.process()(message(command))

    async def call_until_done(self, command: CallTool) -> None:
        """Deliver the call as the queue does: a postponed message is delivered again."""
        for _ in range(10):
            try:
                await self.call(command)
            except Postpone as later:
                self.clock.advance(later.seconds)
            else:
                return
        raise AssertionError("the call is postponed again and again")

    async def deliver(self, event: Envelope) -> None:
        body = json.dumps({"detail": event.model_dump(mode="json")})
        table = CallsTable(self.dynamodb, TABLE, self.notified.extend, self.clock)  # type: ignore[arg-type]
        await event_handlers(table)(QueueMessage("m", body, "r"))

    def answers(self) -> list[AnswerToolCall]:
        return [AnswerToolCall.model_validate_json(body) for body in self.sqs.bodies(TURNS)]

    def events(self) -> list[Envelope]:
        rows = [item for item in self.rows() if item["pk"]["S"].startswith("OUTBOX#")]
        return [Envelope.model_validate_json(row["envelope"]["S"]) for row in rows]

    def rows(self) -> list[dict[str, Any]]:
        return self.dynamodb.items(TABLE)

    async def _count(self, _input: Anything) -> Number:
        self.runs += 1
        return Number(number=self.runs)


def message(command: CallTool) -> QueueMessage:
    return QueueMessage("m", command.model_dump_json(), "r", attributes={"type": command.command_type})
