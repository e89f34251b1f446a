"""Turns in a Lambda function: an invocation runs its turn to the end or hands it over before its deadline."""

import asyncio

from services.chat.domain import TextBlock, Turn
from shared.host.lambda_consumer import BatchConsumer
from shared.host.queue_function import batch_consumer
from shared.llm.port import TextDelta
from tests.fakes.chat_models import END, FakeModels, Step, answer
from tests.fakes.chat_service import LEASE_S, TURNS, WATCHDOGS, FakeChat, World, until
from tests.fakes.lambda_service import sqs_event

PLENTY = 20.0


def consumer(chat: FakeChat, queue: str) -> BatchConsumer:
    (consumed,) = (each for each in chat.queues() if each.name == queue)
    return batch_consumer(consumed, chat.world.sqs, None, chat.clock)


class Function:
    """One Lambda environment over a fake chat. `other_process()` is a second environment."""

    def __init__(self, chat: FakeChat) -> None:
        self.chat = chat
        self.message_id = ""
        self.consumer = consumer(chat, "turns")

    def other_process(self) -> "Function":
        return Function(self.chat.other_process())

    async def invoke(self, seconds: float = PLENTY) -> list[str]:
        """Invoke with the next visible message, as Lambda does; return the ids of failed messages."""
        sqs = self.chat.world.sqs
        answer = await sqs.receive_message(
            QueueUrl=TURNS, MessageSystemAttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["All"]
        )
        (message,) = answer["Messages"]
        self.message_id = message["MessageId"]
        failed = await self.consumer.consume(sqs_event([message])["Records"], seconds)
        if not failed:
            await sqs.delete_message(QueueUrl=TURNS, ReceiptHandle=message["ReceiptHandle"])
        return failed

    async def enqueue_turn(self, text: str = "Hello?") -> Turn:
        """Start a turn without a stream: it waits on the queue."""
        return (await self.chat.start(await self.chat.open(), text, run_here=False)).turn

    async def text(self, turn: Turn) -> str:
        return "".join(block.text for block in (await self.chat.message(turn)).content if isinstance(block, TextBlock))

    def on_the_queue(self) -> set[str]:
        """Ids of messages, hidden and delayed ones included."""
        return {message.id for message in self.chat.world.sqs.queue(TURNS).messages}


def function(*steps: Step, **changed: float) -> Function:
    return Function(FakeChat(World(FakeModels(*steps)), **{"hand_over_s": 0.05, **changed}))


async def test_an_invocation_lasts_until_its_turn_has_ended() -> None:
    lambda_ = function(*answer("Hello", " there."))
    turn = await lambda_.enqueue_turn()
    assert await lambda_.invoke() == []
    assert (await lambda_.chat.turn(turn.id)).state == "completed"
    assert await lambda_.text(turn) == "Hello there."
    assert lambda_.message_id not in lambda_.on_the_queue()


async def test_while_a_turn_runs_its_message_is_deleted_and_a_check_scheduled() -> None:
    proceed = asyncio.Event()
    lambda_ = function(proceed, *answer("Hello."))
    turn = await lambda_.enqueue_turn()
    invocation = asyncio.create_task(lambda_.invoke())
    await until(lambda: lambda_.chat.models.open_calls)
    assert lambda_.message_id not in lambda_.on_the_queue()
    assert len(lambda_.chat.world.sqs.bodies(WATCHDOGS)) == 1
    proceed.set()
    assert await invocation == []
    assert (await lambda_.chat.turn(turn.id)).state == "completed"


async def test_a_turn_that_outlasts_its_invocation_continues_in_the_next() -> None:
    first = function(TextDelta("Hello"), asyncio.Event(), *END)
    turn = await first.enqueue_turn()
    assert await first.invoke(seconds=0.3) == []
    handed_over = await first.chat.turn(turn.id)
    assert (handed_over.state, handed_over.lease_until) == ("running", 0)
    first.chat.models.answers = answer(" there.")
    second = first.other_process()
    assert await second.invoke() == []
    assert (await second.chat.turn(turn.id)).state == "completed"
    assert await second.text(turn) == "Hello there."
    assert [event for event in await second.chat.frame_events(turn) if event.startswith("turn.")] == [
        "turn.started",
        "turn.resumed",
        "turn.completed",
    ]


async def test_an_environment_that_handed_a_turn_over_can_run_it_in_its_next_invocation() -> None:
    lambda_ = function(asyncio.Event())
    slow = await lambda_.enqueue_turn()
    await lambda_.invoke(seconds=0.2)
    lambda_.chat.models.answers = answer("Done.")
    assert await lambda_.invoke() == []
    assert (await lambda_.chat.turn(slow.id)).state == "completed"


async def test_a_run_command_delivered_twice_runs_the_turn_once() -> None:
    lambda_ = function(*answer("Hello."))
    turn = await lambda_.enqueue_turn()
    (body,) = [each for each in set(lambda_.chat.world.sqs.bodies(TURNS)) if turn.id in each][:1]
    attributes = {"type": {"DataType": "String", "StringValue": "chat.turn.run"}}
    await lambda_.chat.world.sqs.send_message(QueueUrl=TURNS, MessageBody=body, MessageAttributes=attributes)
    assert await lambda_.invoke() == []
    assert await lambda_.other_process().invoke() == []
    assert len(lambda_.chat.models.requests_for()) == 1


async def test_an_invocation_waits_for_a_title_slower_than_its_turn() -> None:
    proceed = asyncio.Event()
    lambda_ = function(*answer("Hello."))
    lambda_.chat.models.titles = [proceed, *answer("Greeting")]
    head = await lambda_.chat.open(title=None)
    await lambda_.chat.start(head, run_here=False)
    invocation = asyncio.create_task(lambda_.invoke())
    await until(lambda: lambda_.chat.outbox_events("chat.turn.completed"))
    proceed.set()
    assert await invocation == []
    assert (await lambda_.chat.head(head)).title == "Greeting"


async def test_a_batch_of_checks_enqueues_the_lost_turn_and_schedules_new_checks() -> None:
    chat = FakeChat()
    sqs = chat.world.sqs
    lost = (await chat.start(await chat.open())).turn
    kept = (await chat.start(await chat.open())).turn
    chat.clock.advance(LEASE_S + 1)
    await chat.store.turns.renew(kept.id, 1, chat.leases.lease_until())
    received = await sqs.receive_message(
        QueueUrl=WATCHDOGS,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
        MessageAttributeNames=["All"],
    )
    assert len(received["Messages"]) == 2
    assert await consumer(chat, "watchdogs").consume(sqs_event(received["Messages"])["Records"], PLENTY) == []
    (run,) = sqs.bodies(TURNS)
    assert lost.id in run
    seen = [lost.id if lost.id in body else kept.id for body in sqs.bodies(WATCHDOGS)]
    assert sorted(seen) == sorted([lost.id, kept.id, kept.id])  # Lambda deletes the messages of the batch
