"""Outbox, relay, bus, queue and poller, on the wire."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from shared.aws import Aws
from shared.clock import SystemClock
from shared.events.catalogue.chat import ConversationCreated
from shared.events.consumer.dispatch import EventHandlers
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage, RetryLater
from shared.events.consumer.poller import Poller
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.relay import Relay
from tests.fakes.example_events import conversation_created
from tests.integration.events.conftest import Place
from tests.polling import until_true

CLOCK = SystemClock()


class System:
    """A relay and a poller at work on the place."""

    def __init__(self, aws: Aws, place: Place) -> None:
        self.aws = aws
        self.place = place
        self.heard: dict[str, float] = {}
        self.relay: Relay

    async def commit(self, number: int = 1) -> list[Envelope]:
        told = [conversation_created(CLOCK) for _ in range(number)]
        dynamodb = await self.aws.dynamodb()
        for envelope in told:
            await dynamodb.transact_write_items(TransactItems=[outbox.write(self.place.table, envelope)])  # type: ignore[typeddict-item]
        return told

    async def hear(self, envelope: Envelope, _data: ConversationCreated) -> None:
        self.heard.setdefault(envelope.id, time.perf_counter())

    async def rows(self) -> list[Any]:
        dynamodb = await self.aws.dynamodb()
        return (await dynamodb.scan(TableName=self.place.table))["Items"]

    async def dead(self) -> list[Any]:
        sqs = await self.aws.sqs()
        answer = await sqs.receive_message(QueueUrl=self.place.dead, MessageAttributeNames=["All"], WaitTimeSeconds=2)
        return list(answer.get("Messages", []))

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        place = self.place
        dynamodb, events, sqs = await self.aws.dynamodb(), await self.aws.events(), await self.aws.sqs()
        self.relay = Relay(dynamodb, events, sqs, place.table, place.bus, place.dead, CLOCK)
        async with running(self.relay.run):
            yield

    @asynccontextmanager
    async def polling(self, handle: Callable[[QueueMessage], Awaitable[None]] | None = None) -> AsyncIterator[None]:
        """By the long polls of production."""
        handlers = EventHandlers({ConversationCreated: self.hear})
        poller = Poller(await self.aws.sqs(), self.place.queue, self.place.dead, handle or handlers)
        async with running(poller.run):
            yield


@asynccontextmanager
async def running(run: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(run(stop))  # type: ignore[arg-type]
        try:
            yield
        finally:
            stop.set()


async def test_an_event_is_handled_after_its_commit_and_leaves_no_row(aws: Aws, place: Place) -> None:
    system = System(aws, place)
    async with system.relaying(), system.polling():
        for _ in range(10):
            (told,) = await system.commit()
            system.relay.notify([told])
            await until_true(lambda told=told: told.id in system.heard)
    assert await system.rows() == []


async def test_events_committed_without_a_running_relay_are_handled_after_its_start(aws: Aws, place: Place) -> None:
    system = System(aws, place)
    told = await system.commit(40)
    await asyncio.sleep(1)  # what is younger is left to whoever committed it
    async with system.relaying(), system.polling():
        await until_true(lambda: len(system.heard) == 40, deadline_s=15)
    assert system.heard.keys() == {envelope.id for envelope in told}
    assert await system.rows() == []


async def test_an_event_that_cannot_be_read_ends_in_the_dead_letters_with_its_reason(aws: Aws, place: Place) -> None:
    system = System(aws, place)
    events = await aws.events()
    detail = '{"type": "chat.conversation.created"}'
    entry = {"EventBusName": place.bus, "Source": "colloquy.chat", "DetailType": "x", "Detail": detail}
    async with system.relaying(), system.polling():
        await events.put_events(Entries=[entry])  # type: ignore[list-item]
        (good,) = await system.commit()
        system.relay.notify([good])
        await until_true(lambda: good.id in system.heard)
        (letter,) = await system.dead()
    reason = letter["MessageAttributes"]["reason"]["StringValue"]
    assert reason.startswith("Envelope: id: missing")


async def test_poison_among_good_messages_is_named_and_all_others_have_their_effect(aws: Aws, place: Place) -> None:
    system = System(aws, place)
    sqs = await aws.sqs()
    poison = {
        "no JSON at all": "_Delivery: body: json_invalid",
        '{"detail": {"type": "chat.conversation.created"}}': "Envelope: id: missing",
        json.dumps({"detail": {**told_by(conversation_created(CLOCK)), "dataschema": "chat.conversation.created/9"}}): (
            "unknown version: chat.conversation.created/9"
        ),
    }
    async with system.relaying(), system.polling():
        told: list[Envelope] = []
        for body in poison:
            told += await system.commit(16)
            system.relay.notify(told[-16:])
            await sqs.send_message(QueueUrl=place.queue, MessageBody=body)
        await until_true(lambda: len(system.heard) == len(told), deadline_s=15)
        letters = {}
        async with asyncio.timeout(15):
            while len(letters) < len(poison):
                letters |= {letter["Body"]: letter["MessageAttributes"] for letter in await system.dead()}
    assert system.heard.keys() == {envelope.id for envelope in told}
    reasons = {body: attributes["reason"]["StringValue"] for body, attributes in letters.items()}
    assert {body: reason[: len(poison[body])] for body, reason in reasons.items()} == poison
    assert await system.rows() == []


def told_by(envelope: Envelope) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(envelope.model_dump_json())
    return detail


async def test_later_means_later_and_poison_is_poison(aws: Aws, place: Place) -> None:
    system = System(aws, place)
    sqs = await aws.sqs()
    seen: list[tuple[str, int]] = []

    async def handle(message: QueueMessage) -> None:
        seen.append((message.body, message.receive_count))
        if message.body == "poison":
            raise PoisonMessageError("why not")
        if message.body in {body for body, _ in seen[:-1]}:
            return
        raise RetryLater(1) if message.body == "retry" else Postpone(1)

    async with system.polling(handle):
        for body in ("poison", "retry", "postpone"):
            await sqs.send_message(QueueUrl=place.queue, MessageBody=body)
        await until_true(lambda: len(seen) == 5)
        (letter,) = await system.dead()
    assert letter["Body"] == "poison"
    assert sorted(seen) == [("poison", 1), ("postpone", 1), ("postpone", 1), ("retry", 1), ("retry", 2)]
    answer = await sqs.get_queue_attributes(QueueUrl=place.queue, AttributeNames=["All"])
    assert answer["Attributes"]["ApproximateNumberOfMessages"] == "0"
    assert answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
