"""Chat as one process runs it: its own use cases, wired as in bootstrap, over tables, queues and models in memory."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from services.chat.adapters.large_content import S3LargeContent
from services.chat.adapters.turn_queue import CheckTurn, RunTurn
from services.chat.assembly import Chat, Ports
from services.chat.domain import Conversation, Frame, Invocation, Message, TextBlock, Turn
from services.chat.settings import ChatSettings
from services.chat.tables.conversations import INDEX
from services.chat.turns.execution import TurnExecution
from services.chat.turns.start import StartedTurn, TurnRequest
from shared.clock import epoch_millis
from shared.events.commands import AnswerToolCall, CallTool, Command
from shared.events.consumer.messages import Message as QueueMessage
from shared.events.envelope import Envelope
from shared.identity import Principal
from shared.ids import UlidIds
from shared.persistence.idempotency import IdempotentRequest
from tests.fakes.chat_models import FakeModels, FakeToolCatalog
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.s3 import FakeS3
from tests.fakes.sqs import FakeSqs

TABLE, LOG, BUCKET = "chat", "turn-log", "content"
TURNS, WATCHDOGS, CALLS = "turns-queue", "watchdogs-queue", "calls-queue"
MODEL = "scripted.echo"
LEASE_S = 9
T = TypeVar("T")


def settings(**changed: Any) -> ChatSettings:
    given: dict[str, Any] = {
        "user_pool_id": "pool", "user_pool_client_id": "client", "user_pool_issuer": "issuer",
        "user_pool_jwks_url": "http://127.0.0.1/keys", "event_bus": "bus", "content_bucket": BUCKET, "table": TABLE,
        "relay_dead_letter_queue_url": "dead-events", "turn_log_table": LOG,
        "turns_queue_url": TURNS, "turns_dead_letter_queue_url": "dead-turns", "calls_queue_url": CALLS,
        "watchdogs_queue_url": WATCHDOGS, "watchdogs_dead_letter_queue_url": "dead-watchdogs",
        "cursor_secret": "signs cursors in tests, and nowhere else",
        "internal_token_secret": "signs tokens in tests, and nowhere else",
        "model_sources": ("scripted",), "default_model": MODEL, "title_model": "scripted.title",
        "lease_s": LEASE_S, "drain_s": 0, "title_wait_s": 0,
    }  # fmt: skip
    return ChatSettings(**(given | changed))


class World:
    """What processes share: time, ids, tables, queue, bucket, and the model's provider."""

    def __init__(self, models: FakeModels | None = None) -> None:
        self.clock = FakeClock()
        self.ids = UlidIds(self.clock)
        self.dynamodb = FakeDynamoDb({INDEX: "activity"})
        self.sqs = FakeSqs(self.clock)
        self.s3 = FakeS3()
        self.toolbox = FakeToolCatalog()
        self.models = models or FakeModels()


class FakeChat(Chat):
    """One process. `beside()` is another one, over the same tables."""

    def __init__(self, world: World | None = None, **changed: Any) -> None:
        self.world = world or World()
        self.clock, self.ids, self.dynamodb, self.models = (
            self.world.clock, self.world.ids, self.world.dynamodb, self.world.models,
        )  # fmt: skip
        self._changed = changed
        self.settings = settings(**changed)
        self.rung: list[Envelope] = []
        dynamodb, sqs, s3 = self._clients()
        super().__init__(
            self.settings,
            Ports(dynamodb, sqs, S3LargeContent(s3, BUCKET), self.models, self.world.toolbox, self.clock, self.ids,
                  self.rung.extend),
        )  # fmt: skip

    def _clients(self) -> tuple[Any, Any, Any]:
        """The fakes, as the clients that they stand for."""
        return self.world.dynamodb, self.world.sqs, self.world.s3

    def beside(self, **changed: Any) -> "FakeChat":
        return FakeChat(self.world, **self._changed | changed)

    async def open(self, owner: str = "ann", title: str | None = "Trip") -> Conversation:
        """A conversation with a title, so that nothing but the answer is asked of a model."""
        return await self.conversations.open(owner, title, None)

    def ask(self, head: Conversation, words: str = "Hello?", **more: Any) -> TurnRequest:
        """A new message of the owner's; `answer_to=…` asks for an answer instead."""
        content = () if "answer_to" in more else (TextBlock(text=words),)
        return TurnRequest(Principal(head.owner_id, "user"), head.id, content=content, **more)

    async def start(self, head: Conversation, words: str = "Hello?", *, here: bool = True, **more: Any) -> StartedTurn:
        return await self.starting.start(self.ask(head, words, **more), here=here)

    async def begin(self, head: Conversation, words: str = "Hello?", **more: Any) -> tuple[Turn, "asyncio.Task[None]"]:
        """A turn that runs."""
        work = (await self.start(head, words, **more)).work
        assert work is not None
        return work.turn, self.running.start(work)

    async def answered(self, head: Conversation, words: str = "Hello?", **more: Any) -> Turn:
        """A turn that has run to its end."""
        turn, task = await self.begin(head, words, **more)
        await task
        return await self.turn(turn.id)

    async def abandoned(self, head: Conversation, *said: str, **more: Any) -> Turn:
        """A turn whose runner died after it had said this, some seconds ago."""
        started = await self.start(head, **more)
        for seq, text in enumerate(said, start=2):
            data = f'{{"text":"{text}"}}'
            await self.store.log.append(started.turn.id, Frame(seq, "message.delta", data, 1))
        self.clock.advance(LEASE_S + 1)
        return started.turn

    def calls(self) -> list[CallTool]:
        """What was sent to agents, in order; once each."""
        bodies = self.world.sqs.bodies(CALLS)
        return list({call.call_id: call for call in map(CallTool.model_validate_json, bodies)}.values())

    async def tool_answers(self, call: CallTool, output: Any = None, status: Any = "success") -> None:
        """As when agents' answer arrives."""
        told = AnswerToolCall(turn_id=call.turn_id, call_id=call.call_id, status=status, output=output, took_ms=3)
        await self.receive(told)
        await self.ran(call.turn_id)

    async def look(self, turn_id: str, since: int | None = None) -> None:
        """As when a summons arrives; whatever runs of it has run."""
        await self.watching.look(RunTurn(turn_id=turn_id, since=self.now() if since is None else since))
        await self.ran(turn_id)

    async def receive(self, command: Command) -> None:
        await self.read(command.model_dump_json(), command.command_type)

    async def check(self, turn_id: str, since: int | None = None) -> None:
        """As when a watchdog's message arrives."""
        command = CheckTurn(turn_id=turn_id, since=self.now() if since is None else since)
        attributes = {"type": command.command_type}
        await self.watchdogs_handlers(QueueMessage("m", command.model_dump_json(), "r", attributes=attributes))

    async def read(self, body: str, command_type: str | None = None) -> None:
        """A message of the queue *turns*; without a type as a release before types sent it."""
        attributes = {"type": command_type} if command_type else {}
        await self.turns_handlers(QueueMessage(id="m", body=body, receipt="r", attributes=attributes))

    async def ran(self, turn_id: str) -> None:
        """The turn has come to its end here, or to its tools."""
        await asyncio.gather(*(task for task in self.running._tasks if task.get_name() == turn_id))

    async def turn(self, turn_id: str) -> Turn:
        turn = await self.store.turns.get(turn_id)
        assert turn is not None
        return turn

    async def head(self, head: Conversation) -> Conversation:
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
        messages, more = await self.store.messages.page(conversation_id, 1000, None)
        assert more is None
        return messages[::-1]

    async def log(self, turn: Turn) -> list[Frame]:
        return list(await self.store.log.after(turn.id, 0))

    async def events(self, turn: Turn) -> list[str]:
        return [frame.event for frame in await self.log(turn)]

    async def bill(self, turn: Turn) -> Invocation:
        """The turn's one invocation."""
        (invocation,) = await self.store.invocations.of_turn(turn.id)
        return invocation

    def told(self, kind: str = "") -> list[Envelope]:
        """What lies in the outbox, in the order in which it was told."""
        rows = [item for item in self.dynamodb.items(TABLE) if item["pk"]["S"].startswith("OUTBOX#")]
        envelopes = [Envelope.model_validate_json(row["envelope"]["S"]) for row in rows]
        return sorted((each for each in envelopes if kind in each.type), key=lambda each: each.id)

    def stored(self) -> list[tuple[str, str]]:
        """Keys of everything but the outbox and the count of what runs, in both tables."""
        items: Sequence[dict[str, Any]] = [*self.dynamodb.items(TABLE), *self.dynamodb.items(LOG)]
        keys = [(item["pk"]["S"], item["sk"]["S"]) for item in items]
        return [(pk, sk) for pk, sk in keys if not pk.startswith("OUTBOX#") and sk != "RUNNING"]

    def now(self) -> int:
        return epoch_millis(self.clock.now())

    def dead(self, work: TurnExecution) -> None:
        """The process that runs this work dies here and now, without a word."""
        for task in asyncio.all_tasks():
            if task.get_name() == work.turn.id:
                task.cancel()


def once(key: str = "key", body: str = "body", owner: str = "ann") -> IdempotentRequest:
    return IdempotentRequest(owner, "POST /messages", key, body)


async def until(probe: Callable[[], T]) -> T:
    """The first truthy answer; the event loop goes round in between, no time passes."""
    for _ in range(2000):
        if found := probe():
            return found
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")
