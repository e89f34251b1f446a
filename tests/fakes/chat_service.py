"""Chat as one process runs it, wired as in `services/chat/app.py`, over in-memory tables, queues and models."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from services.chat.adapters.large_content import S3LargeContent
from services.chat.adapters.turn_queue import CheckTurn, RunTurn
from services.chat.app import ChatComponents, Ports
from services.chat.context.stage import Stage
from services.chat.domain import Conversation, Frame, Message, TextBlock, Turn
from services.chat.settings import ChatSettings
from services.chat.tables.conversations import INDEX
from services.chat.turns.start import StartedTurn, TurnRequest
from shared.clock import epoch_millis
from shared.events.commands import AnswerToolCall, CallTool, Command
from shared.events.consumer.messages import QueueMessage
from shared.events.envelope import Envelope
from shared.identity import Principal
from shared.ids import UlidIds
from shared.llm.invocation import Invocation
from shared.persistence.requests import IdempotentRequest, PageRequest
from tests.fakes.chat_models import FakeModels, FakeToolCatalog
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.runtime import fake_settings
from tests.fakes.s3 import FakeS3
from tests.fakes.sqs import FakeSqs

TABLE, LOG, BUCKET = "chat", "turn-log", "content"
TURNS, WATCHDOGS, CALLS = "turns-queue", "watchdogs-queue", "calls-queue"
MODEL = "scripted.echo"
LEASE_S = 9
T = TypeVar("T")


def settings(**changed: Any) -> ChatSettings:
    given: dict[str, Any] = {
        "table": TABLE, "turn_log_table": LOG, "content_bucket": BUCKET,
        "turns_queue_url": TURNS, "watchdogs_queue_url": WATCHDOGS, "calls_queue_url": CALLS,
        "model_sources": ("scripted",), "default_model": MODEL, "title_model": "scripted.title",
        "lease_s": LEASE_S, "drain_s": 0, "title_wait_s": 0,
    }  # fmt: skip
    return fake_settings(ChatSettings, **(given | changed))


class World:
    """What all processes share: time, ids, tables, queues, bucket, and the provider of the models."""

    def __init__(self, models: FakeModels | None = None) -> None:
        self.clock = FakeClock()
        self.ids = UlidIds(self.clock)
        self.dynamodb = FakeDynamoDb({INDEX: "activity"})
        self.sqs = FakeSqs(self.clock)
        self.s3 = FakeS3()
        self.tool_catalog = FakeToolCatalog()
        self.models = models or FakeModels()


class FakeChat(ChatComponents):
    """One process of chat. `notified`: the events that were passed to its relay."""

    def __init__(self, world: World | None = None, **changed: Any) -> None:
        self.world = world or World()
        self.clock, self.ids, self.dynamodb, self.models = (
            self.world.clock, self.world.ids, self.world.dynamodb, self.world.models,
        )  # fmt: skip
        self._changed = changed
        self.settings = settings(**changed)
        self.notified: list[Envelope] = []
        dynamodb, sqs, s3 = self._clients()
        super().__init__(
            self.settings,
            Ports(dynamodb, sqs, S3LargeContent(s3, BUCKET), self.models, self.world.tool_catalog, self.clock,
                  self.ids, self.notified.extend),
        )  # fmt: skip

    def _clients(self) -> tuple[Any, Any, Any]:
        """The fakes, typed as the clients that they replace."""
        return self.world.dynamodb, self.world.sqs, self.world.s3

    def add_stage(self, stage: Stage) -> None:
        """Let this process run one more stage, the last, when it builds a context."""
        self.contexts._stages = (*self.contexts._stages, stage)

    def other_process(self, **changed: Any) -> "FakeChat":
        """A new process over the same world, with the same settings except `changed`."""
        return FakeChat(self.world, **self._changed | changed)

    async def open(self, owner: str = "ann", title: str | None = "Trip") -> Conversation:
        """Create a conversation; it has a title, so that the model is called for answers only."""
        return await self.conversations.open(user(owner), title, None)

    def turn_request(self, head: Conversation, words: str = "Hello?", **more: Any) -> TurnRequest:
        """A request of the owner with a new message, or for an answer to the message `answer_to=…`."""
        content = () if "answer_to" in more else (TextBlock(text=words),)
        return TurnRequest(user(head.owner_id), head.id, content=content, **more)

    async def start(
        self, head: Conversation, words: str = "Hello?", *, run_here: bool = True, **more: Any
    ) -> StartedTurn:
        return await self.start_turn.start(self.turn_request(head, words, **more), run_here=run_here)

    async def running_turn(
        self, head: Conversation, words: str = "Hello?", **more: Any
    ) -> tuple[Turn, "asyncio.Task[None]"]:
        """Start a turn and run it; returns the turn and the task that runs it."""
        started = await self.start(head, words, **more)
        assert started.run is not None
        return started.turn, self.runner.start(started.run)

    async def ended_turn(self, head: Conversation, words: str = "Hello?", **more: Any) -> Turn:
        """Start a turn and run it until it ends or waits for tools."""
        turn, task = await self.running_turn(head, words, **more)
        await task
        return await self.turn(turn.id)

    async def abandoned_turn(self, head: Conversation, *texts: str, **more: Any) -> Turn:
        """A turn whose runner wrote a delta for each text and then died; its lease has run out."""
        started = await self.start(head, **more)
        for seq, text in enumerate(texts, start=2):
            data = f'{{"text":"{text}"}}'
            await self.store.log.append(started.turn.id, Frame(seq, "message.delta", data, 1))
        self.clock.advance(LEASE_S + 1)
        return started.turn

    async def commit(self, writes: Sequence[Any] | Mapping[str, Any], events: Sequence[Envelope] = ()) -> None:
        """Commit the writes in one transaction. Raises Conflict; writes in a sequence are named by their index."""
        uow = self.store.begin()
        named = writes if isinstance(writes, Mapping) else {str(number): each for number, each in enumerate(writes)}
        for name, write in named.items():
            uow.put(name, write)
        uow.emit(*events)
        await uow.commit()

    def sent_calls(self) -> list[CallTool]:
        """The tool calls that were sent to agents, in order; a call that was sent again is listed once."""
        bodies = self.world.sqs.bodies(CALLS)
        return list({call.call_id: call for call in map(CallTool.model_validate_json, bodies)}.values())

    async def receive_tool_result(self, call: CallTool, output: Any = None, status: Any = "success") -> None:
        """Handle the result of a tool call, and wait until the turn no longer runs here."""
        command = AnswerToolCall(turn_id=call.turn_id, call_id=call.call_id, status=status, output=output, took_ms=3)
        await self.receive_command(command)
        await self.wait_for_runner(call.turn_id)

    async def receive_run_turn(self, turn_id: str, since: int | None = None) -> None:
        """Handle the command RunTurn, and wait until the turn no longer runs here."""
        await self.supervisor.handle(RunTurn(turn_id=turn_id, since=self.now() if since is None else since))
        await self.wait_for_runner(turn_id)

    async def receive_check_turn(self, turn_id: str, since: int | None = None) -> None:
        """Handle the message CheckTurn of the queue *watchdogs*."""
        command = CheckTurn(turn_id=turn_id, since=self.now() if since is None else since)
        attributes = {"type": command.command_type}
        await self.receive_message(
            "watchdogs", QueueMessage("m", command.model_dump_json(), "r", attributes=attributes)
        )

    async def receive_command(self, command: Command) -> None:
        await self.receive_body(command.model_dump_json(), command.command_type)

    async def receive_body(self, body: str, command_type: str | None = None) -> None:
        """Handle a message of the queue *turns*; without a type, it is one of the release before command types."""
        attributes = {"type": command_type} if command_type else {}
        await self.receive_message("turns", QueueMessage(id="m", body=body, receipt="r", attributes=attributes))

    async def receive_message(self, queue: str, message: QueueMessage) -> None:
        (consumed,) = (each for each in self.queues() if each.name == queue)
        await consumed.handle(message)

    async def wait_for_runner(self, turn_id: str) -> None:
        """Wait until the turn no longer runs here: it has ended, waits for tools, or was handed over."""
        await asyncio.gather(*(task for task in self.tasks._tasks if task.get_name() == turn_id))

    async def turn(self, turn_id: str) -> Turn:
        turn = await self.store.turns.get(turn_id)
        assert turn is not None
        return turn

    async def head(self, head: Conversation) -> Conversation:
        """The conversation as it is stored now."""
        found = await self.store.conversations.get(head.owner_id, head.id)
        assert found is not None
        return found

    async def message(self, turn: Turn) -> Message:
        """The turn's answer."""
        message = await self.store.messages.get(turn.conversation_id, turn.message_id)
        assert message is not None
        return message

    async def tree(self, conversation_id: str) -> list[Message]:
        """All messages of the conversation, oldest first."""
        page = await self.store.messages.page(conversation_id, PageRequest(1000))
        messages, more = page.items, page.next_position
        assert more is None
        return messages[::-1]

    def append_after_next_read(self, turn: Turn, late: Frame) -> None:
        """Append a frame just after the log has been read next, as a slow runner does while its turn is taken over."""
        read = self.store.log.after

        async def read_then_append(turn_id: str, seq: int) -> list[Frame]:
            self.store.log.after = read  # type: ignore[method-assign]
            frames = await read(turn_id, seq)
            await self.store.log.append(turn.id, late)
            return frames

        self.store.log.after = read_then_append  # type: ignore[method-assign]

    async def log(self, turn: Turn) -> list[Frame]:
        return list(await self.store.log.after(turn.id, 0))

    async def frame_events(self, turn: Turn) -> list[str]:
        return [frame.event for frame in await self.log(turn)]

    async def invocation(self, turn: Turn) -> Invocation:
        """The turn's one invocation."""
        (invocation,) = await self.store.invocations.of_turn(turn.id)
        return invocation

    def outbox_events(self, kind: str = "") -> list[Envelope]:
        """The events in the outbox whose type contains `kind`, in the order in which they were made."""
        rows = [item for item in self.dynamodb.items(TABLE) if item["pk"]["S"].startswith("OUTBOX#")]
        envelopes = [Envelope.model_validate_json(row["envelope"]["S"]) for row in rows]
        return sorted((each for each in envelopes if kind in each.type), key=lambda each: each.id)

    def stored_keys(self) -> list[tuple[str, str]]:
        """Keys of all items in both tables, except outbox rows and the count of running turns."""
        items: Sequence[dict[str, Any]] = [*self.dynamodb.items(TABLE), *self.dynamodb.items(LOG)]
        keys = [(item["pk"]["S"], item["sk"]["S"]) for item in items]
        return [(pk, sk) for pk, sk in keys if not pk.startswith("OUTBOX#") and sk != "RUNNING"]

    def now(self) -> int:
        return epoch_millis(self.clock.now())


def user(name: str = "ann") -> Principal:
    return Principal(name, "user")


def idempotent_request(key: str = "key", body: str = "body", owner: str = "ann") -> IdempotentRequest:
    return IdempotentRequest(owner, "POST /messages", key, body)


async def until(probe: Callable[[], T]) -> T:
    """Return the first truthy result of `probe`, running the event loop in between; no time passes."""
    for _ in range(2000):
        if found := probe():
            return found
        await asyncio.sleep(0)
    raise AssertionError("the probe never became true")
