"""Turns as a function: an invocation runs its turn to the end, or hands it over before its time is up."""

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
    """One environment of Lambda over a world of chat's. `other_process()` is another one."""

    def __init__(self, chat: FakeChat) -> None:
        self.chat = chat
        self.message_id = ""
        self.consumer = consumer(chat, "turns")

    def other_process(self) -> "Function":
        return Function(self.chat.other_process())

    async def invoked(self, seconds: float = PLENTY) -> list[str]:
        """With the next message that shows, as Lambda does it; the ids of what failed."""
        sqs = self.chat.world.sqs
        answer = await sqs.receive_message(
            QueueUrl=TURNS, MessageSystemAttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["All"]
        )
        (message,) = answer["Messages"]
        self.message_id = message["MessageId"]
        again = await self.consumer.consume(sqs_event([message])["Records"], seconds)
        if not again:
            await sqs.delete_message(QueueUrl=TURNS, ReceiptHandle=message["ReceiptHandle"])
        return again

    async def asked(self, words: str = "Hello?") -> Turn:
        """A turn that nobody streams: it waits on the queue for whoever has room."""
        return (await self.chat.start(await self.chat.open(), words, run_here=False)).turn

    async def text(self, turn: Turn) -> str:
        return "".join(block.text for block in (await self.chat.message(turn)).content if isinstance(block, TextBlock))

    def on_the_queue(self) -> set[str]:
        """Ids of messages, hidden and delayed ones included."""
        return {message.id for message in self.chat.world.sqs.queue(TURNS).messages}


def function(*steps: Step, **changed: float) -> Function:
    return Function(FakeChat(World(FakeModels(*steps)), **{"hand_over_s": 0.05, **changed}))


async def test_a_turn_has_ended_when_its_invocation_has() -> None:
    lambda_ = function(*answer("Hello", " there."))
    turn = await lambda_.asked()
    assert await lambda_.invoked() == []
    assert (await lambda_.chat.turn(turn.id)).state == "completed"
    assert await lambda_.text(turn) == "Hello there."
    assert lambda_.message_id not in lambda_.on_the_queue()


async def test_its_summons_is_gone_and_its_watchdog_set_while_it_runs() -> None:
    go = asyncio.Event()
    lambda_ = function(go, *answer("Hello."))
    turn = await lambda_.asked()
    invocation = asyncio.create_task(lambda_.invoked())
    await until(lambda: lambda_.chat.models.open_calls)
    assert lambda_.message_id not in lambda_.on_the_queue()
    assert len(lambda_.chat.world.sqs.bodies(WATCHDOGS)) == 1
    go.set()
    assert await invocation == []
    assert (await lambda_.chat.turn(turn.id)).state == "completed"


async def test_a_turn_that_outlasts_its_invocation_is_handed_over_and_goes_on_in_the_next() -> None:
    first = function(TextDelta("Hello"), asyncio.Event(), *END)
    turn = await first.asked()
    assert await first.invoked(seconds=0.3) == []
    handed_over = await first.chat.turn(turn.id)
    assert (handed_over.state, handed_over.lease_until) == ("running", 0)
    first.chat.models.answers = answer(" there.")
    second = first.other_process()
    assert await second.invoked() == []
    assert (await second.chat.turn(turn.id)).state == "completed"
    assert await second.text(turn) == "Hello there."
    assert [event for event in await second.chat.frame_events(turn) if event.startswith("turn.")] == [
        "turn.started",
        "turn.resumed",
        "turn.completed",
    ]


async def test_an_environment_that_handed_over_takes_the_next_turn_too() -> None:
    lambda_ = function(asyncio.Event())
    slow = await lambda_.asked()
    await lambda_.invoked(seconds=0.2)
    lambda_.chat.models.answers = answer("Done.")
    assert await lambda_.invoked() == []
    assert (await lambda_.chat.turn(slow.id)).state == "completed"


async def test_a_summons_that_comes_twice_runs_the_turn_once() -> None:
    lambda_ = function(*answer("Hello."))
    turn = await lambda_.asked()
    (body,) = [each for each in set(lambda_.chat.world.sqs.bodies(TURNS)) if turn.id in each][:1]
    attributes = {"type": {"DataType": "String", "StringValue": "chat.turn.run"}}
    await lambda_.chat.world.sqs.send_message(QueueUrl=TURNS, MessageBody=body, MessageAttributes=attributes)
    assert await lambda_.invoked() == []
    assert await lambda_.other_process().invoked() == []
    assert len(lambda_.chat.models.requests_for()) == 1


async def test_a_title_that_takes_longer_than_its_answer_is_seen_through() -> None:
    go = asyncio.Event()
    lambda_ = function(*answer("Hello."))
    lambda_.chat.models.titles = [go, *answer("Greeting")]
    head = await lambda_.chat.open(title=None)
    await lambda_.chat.start(head, run_here=False)
    invocation = asyncio.create_task(lambda_.invoked())
    await until(lambda: lambda_.chat.outbox_events("chat.turn.completed"))
    go.set()
    assert await invocation == []
    assert (await lambda_.chat.head(head)).title == "Greeting"


async def test_a_batch_of_watchdogs_has_the_lost_turn_run_and_looks_at_the_other_again() -> None:
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
    assert sorted(seen) == sorted([lost.id, kept.id, kept.id])  # Lambda deletes the first ones
