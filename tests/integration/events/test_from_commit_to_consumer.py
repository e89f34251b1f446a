"""Outbox, relay, bus, queue and poller with the embedded AWS."""

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
from tests.integration.events.conftest import EventResources
from tests.polling import until_true

CLOCK = SystemClock()


class System:
    """A relay and a poller for the resources."""

    def __init__(self, aws: Aws, resources: EventResources) -> None:
        self.aws = aws
        self.resources = resources
        self.handled_at: dict[str, float] = {}
        self.relay: Relay

    async def commit(self, number: int = 1) -> list[Envelope]:
        envelopes = [conversation_created(CLOCK) for _ in range(number)]
        dynamodb = await self.aws.dynamodb()
        for envelope in envelopes:
            await dynamodb.transact_write_items(TransactItems=[outbox.write(self.resources.table, envelope)])  # type: ignore[typeddict-item]
        return envelopes

    async def handle_event(self, envelope: Envelope, _data: ConversationCreated) -> None:
        self.handled_at.setdefault(envelope.id, time.perf_counter())

    async def rows(self) -> list[Any]:
        dynamodb = await self.aws.dynamodb()
        return (await dynamodb.scan(TableName=self.resources.table))["Items"]

    async def dead(self) -> list[Any]:
        sqs = await self.aws.sqs()
        answer = await sqs.receive_message(
            QueueUrl=self.resources.dead, MessageAttributeNames=["All"], WaitTimeSeconds=2
        )
        return list(answer.get("Messages", []))

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        resources = self.resources
        dynamodb, events, sqs = await self.aws.dynamodb(), await self.aws.events(), await self.aws.sqs()
        self.relay = Relay(dynamodb, events, sqs, resources.table, resources.bus, resources.dead, CLOCK)
        async with running(self.relay.run):
            yield

    @asynccontextmanager
    async def polling(self, handle: Callable[[QueueMessage], Awaitable[None]] | None = None) -> AsyncIterator[None]:
        """Run a poller with the long polls of production."""
        handlers = EventHandlers({ConversationCreated: self.handle_event})
        poller = Poller(await self.aws.sqs(), self.resources.queue, self.resources.dead, handle or handlers)
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


async def test_an_event_is_handled_after_its_commit_and_leaves_no_row(aws: Aws, resources: EventResources) -> None:
    system = System(aws, resources)
    async with system.relaying(), system.polling():
        for _ in range(10):
            (envelope,) = await system.commit()
            system.relay.notify([envelope])
            await until_true(lambda envelope=envelope: envelope.id in system.handled_at)
    assert await system.rows() == []


async def test_events_committed_without_a_running_relay_are_handled_after_its_start(
    aws: Aws, resources: EventResources
) -> None:
    system = System(aws, resources)
    envelopes = await system.commit(40)
    await asyncio.sleep(1)  # a sweep skips younger rows
    async with system.relaying(), system.polling():
        await until_true(lambda: len(system.handled_at) == 40, deadline_s=15)
    assert system.handled_at.keys() == {envelope.id for envelope in envelopes}
    assert await system.rows() == []


async def test_an_unreadable_event_is_dead_lettered_with_its_reason(aws: Aws, resources: EventResources) -> None:
    system = System(aws, resources)
    events = await aws.events()
    detail = '{"type": "chat.conversation.created"}'
    entry = {"EventBusName": resources.bus, "Source": "colloquy.chat", "DetailType": "x", "Detail": detail}
    async with system.relaying(), system.polling():
        await events.put_events(Entries=[entry])  # type: ignore[list-item]
        (good,) = await system.commit()
        system.relay.notify([good])
        await until_true(lambda: good.id in system.handled_at)
        (letter,) = await system.dead()
    reason = letter["MessageAttributes"]["reason"]["StringValue"]
    assert reason.startswith("Envelope: id: missing")


async def test_poison_among_valid_messages_is_dead_lettered_and_the_others_are_handled(
    aws: Aws, resources: EventResources
) -> None:
    system = System(aws, resources)
    sqs = await aws.sqs()
    poison = {
        "no JSON at all": "_Delivery: body: json_invalid",
        '{"detail": {"type": "chat.conversation.created"}}': "Envelope: id: missing",
        json.dumps(
            {"detail": {**as_detail(conversation_created(CLOCK)), "dataschema": "chat.conversation.created/9"}}
        ): ("unknown version: chat.conversation.created/9"),
    }
    async with system.relaying(), system.polling():
        envelopes: list[Envelope] = []
        for body in poison:
            envelopes += await system.commit(16)
            system.relay.notify(envelopes[-16:])
            await sqs.send_message(QueueUrl=resources.queue, MessageBody=body)
        await until_true(lambda: len(system.handled_at) == len(envelopes), deadline_s=15)
        letters = {}
        async with asyncio.timeout(15):
            while len(letters) < len(poison):
                letters |= {letter["Body"]: letter["MessageAttributes"] for letter in await system.dead()}
    assert system.handled_at.keys() == {envelope.id for envelope in envelopes}
    reasons = {body: attributes["reason"]["StringValue"] for body, attributes in letters.items()}
    assert {body: reason[: len(poison[body])] for body, reason in reasons.items()} == poison
    assert await system.rows() == []


def as_detail(envelope: Envelope) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(envelope.model_dump_json())
    return detail


async def test_retried_and_postponed_messages_are_redelivered_and_poison_is_dead_lettered(
    aws: Aws, resources: EventResources
) -> None:
    system = System(aws, resources)
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
            await sqs.send_message(QueueUrl=resources.queue, MessageBody=body)
        await until_true(lambda: len(seen) == 5)
        (letter,) = await system.dead()
    assert letter["Body"] == "poison"
    assert sorted(seen) == [("poison", 1), ("postpone", 1), ("postpone", 1), ("retry", 1), ("retry", 2)]
    answer = await sqs.get_queue_attributes(QueueUrl=resources.queue, AttributeNames=["All"])
    assert answer["Attributes"]["ApproximateNumberOfMessages"] == "0"
    assert answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
