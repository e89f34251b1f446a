"""A function that consumes one queue of a service, from the service's declaration."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.events.consumer.messages import PoisonMessageError, QueueMessage
from shared.host.lambda_consumer import BatchConsumer
from shared.host.queue_function import open_consumer
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error
from tests.fakes.lambda_service import sqs_event
from tests.fakes.runtime import fake_runtime, fake_settings
from tests.fakes.sqs import FakeSqs
from tests.unit.shared.host.example_service import ExampleService, ExampleSettings

QUEUE, DEAD = "events-queue", "events-dead-letter-queue"
PLENTY = 20.0


class Function:
    """One Lambda environment that consumes the queue `events` of a service, over a queue in memory."""

    def __init__(self, service: ExampleService) -> None:
        self.service = service
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)

    @asynccontextmanager
    async def opened(self, queue: str = "events") -> AsyncIterator[BatchConsumer]:
        runtime = fake_runtime(sqs=self.sqs, clock=self.clock)
        async with open_consumer(runtime, fake_settings(ExampleSettings), self.service.build, queue) as consumer:
            yield consumer

    async def invoke(self, consumer: BatchConsumer, body: str) -> list[str]:
        """Send a message and invoke the function with it; return the ids of failed messages."""
        await self.sqs.send_message(QueueUrl=QUEUE, MessageBody=body)
        received = await self.sqs.receive_message(QueueUrl=QUEUE, MaxNumberOfMessages=10)
        return await consumer.consume(sqs_event(received["Messages"])["Records"], PLENTY)


async def test_messages_are_handled_and_then_the_work_of_the_queue_is_finished() -> None:
    function = Function(ExampleService())
    async with function.opened() as consumer:
        assert await function.invoke(consumer, "a") == []
        assert function.service.seen == ["background begins", "handled a", "finished"]
    assert function.service.seen[-1] == "background ends"


async def test_a_poison_message_goes_to_the_dead_letter_queue() -> None:
    async def refuse(_message: QueueMessage) -> None:
        raise PoisonMessageError("why")

    function = Function(ExampleService(refuse))
    async with function.opened() as consumer:
        assert await function.invoke(consumer, "bad") == []
    assert function.sqs.bodies(DEAD) == ["bad"]


async def test_a_handled_message_is_left_to_lambda_to_delete() -> None:
    function = Function(ExampleService())
    async with function.opened() as consumer:
        await function.invoke(consumer, "a")
    assert function.sqs.calls.count("delete_message") == 0
    assert function.sqs.visibility_changes == []


async def test_a_queue_that_settles_on_lambda_hides_and_deletes_its_messages_itself() -> None:
    async def wait_until_hidden(_message: QueueMessage) -> None:
        while 8 not in function.sqs.visibility_changes:  # noqa: ASYNC110 - what is probed knows no events
            await asyncio.sleep(0)

    function = Function(ExampleService(wait_until_hidden, settles_on_lambda=True))
    async with function.opened() as consumer:
        assert await function.invoke(consumer, "a") == []
    assert function.sqs.bodies(QUEUE) == []


async def test_the_id_of_a_failed_message_is_returned_to_lambda() -> None:
    async def fail(_message: QueueMessage) -> None:
        raise aws_error("ThrottlingException")

    function = Function(ExampleService(fail))
    async with function.opened() as consumer:
        assert await function.invoke(consumer, "a") == ["message-1"]


async def test_a_queue_that_the_service_does_not_consume_is_refused() -> None:
    with pytest.raises(LookupError, match="no queue tasks"):
        async with Function(ExampleService()).opened("tasks"):
            pass
