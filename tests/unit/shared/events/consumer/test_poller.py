"""The poller: the outcome of a handler decides what happens to its message."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.events.consumer.delivery import MAX_RECEIVES_IN_OUTAGE, RENEWED
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage, RetryLater
from shared.events.consumer.poller import Poller
from shared.telemetry import Metrics
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error
from tests.fakes.sqs import FakeSqs
from tests.polling import until_true

QUEUE, DEAD = "queue", "dead"


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.bodies: list[str] = []
        self.receive_counts: list[int] = []
        self.behaviour: Callable[[QueueMessage], Awaitable[None]] | None = None

    async def send(self, *bodies: str) -> None:
        for body in bodies:
            await self.sqs.send_message(QueueUrl=QUEUE, MessageBody=body)

    async def handle(self, message: QueueMessage) -> None:
        self.bodies.append(message.body)
        self.receive_counts.append(message.receive_count)
        if self.behaviour:
            await self.behaviour(message)

    def advance_clock(self) -> bool:
        self.clock.advance(10)
        return True

    def raises(self, error: Exception, times: int = 1) -> None:
        left = [error] * times

        async def behave(_message: QueueMessage) -> None:
            if left:
                raise left.pop()

        self.behaviour = behave

    @asynccontextmanager
    async def polling(self, **options: Any) -> AsyncIterator[asyncio.Event]:
        """A running poller; after the block it has stopped."""
        stop = asyncio.Event()
        poller = Poller(self.sqs, QUEUE, DEAD, self.handle, clock=self.clock, **options)  # type: ignore[arg-type]
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(poller.run(stop))
            try:
                yield stop
            finally:
                stop.set()


@pytest.fixture
def world() -> World:
    return World()


def left(world: World) -> list[str]:
    return world.sqs.bodies(QUEUE)


async def test_a_handled_message_is_deleted(world: World) -> None:
    await world.send("a", "b")
    async with world.polling():
        await until_true(lambda: not left(world))
    assert sorted(world.bodies) == ["a", "b"]


async def test_polls_are_long_and_request_at_most_as_many_messages_as_the_concurrency(world: World) -> None:
    async with world.polling(concurrency=3):
        await until_true(lambda: world.sqs.receives)
    assert world.sqs.receives[0] == {"wait": 20, "at_most": 3}


async def test_poison_is_dead_lettered_with_its_reason_and_delays_no_other(world: World) -> None:
    async def behave(message: QueueMessage) -> None:
        if message.body == "bad":
            raise PoisonMessageError("turn_id: missing")

    world.behaviour = behave
    await world.send("bad", "good")
    async with world.polling(concurrency=1):
        await until_true(lambda: not left(world))
    assert world.bodies == ["bad", "good"]
    assert world.sqs.bodies(DEAD) == ["bad"]
    assert world.sqs.attributes(DEAD) == [{"reason": "turn_id: missing", "origin": "queue"}]


async def test_dead_lettered_and_postponed_messages_keep_their_type(world: World) -> None:
    command = {"type": {"DataType": "String", "StringValue": "chat.turn.run"}}
    world.raises(Postpone(5))
    await world.sqs.send_message(QueueUrl=QUEUE, MessageBody="m", MessageAttributes=command)
    async with world.polling():
        await until_true(lambda: world.sqs.visible_in(QUEUE) == [5])
        assert world.sqs.attributes(QUEUE) == [{"type": "chat.turn.run"}]
        world.raises(PoisonMessageError("why"))
        world.clock.advance(5)
        await until_true(lambda: world.sqs.bodies(DEAD))
    assert world.sqs.attributes(DEAD) == [{"type": "chat.turn.run", "reason": "why", "origin": "queue"}]


async def test_poison_is_kept_until_it_is_dead_lettered(world: World) -> None:
    world.raises(PoisonMessageError("why"), times=2)
    await world.send("bad")
    world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    async with world.polling():
        await until_true(lambda: world.bodies)
        await until_true(lambda: "send_message" in world.sqs.calls[1:])
        assert left(world) == ["bad"]
        world.clock.advance(60)
        await until_true(lambda: world.sqs.bodies(DEAD))


async def test_a_message_that_asks_for_a_retry_is_delivered_after_its_delay(world: World) -> None:
    world.raises(RetryLater(40))
    await world.send("early")
    async with world.polling():
        await until_true(lambda: 40 in world.sqs.visibility_changes)
        assert world.bodies == ["early"]
        world.clock.advance(39)
        assert world.sqs.visible_in(QUEUE) == [1]
        world.clock.advance(1)
        await until_true(lambda: not left(world))
    assert world.bodies == ["early", "early"]


async def test_a_message_can_be_postponed_more_often_than_the_maximum_receive_count(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=2)
    world.raises(Postpone(15), times=6)
    await world.send("watch")
    async with world.polling():
        for times in range(1, 7):
            await until_true(lambda times=times: len(world.bodies) == times and world.sqs.visible_in(QUEUE) == [15])
            world.clock.advance(15)
        await until_true(lambda: not left(world))
    assert world.sqs.bodies(DEAD) == []


async def test_a_failure_is_logged_without_its_text_and_the_message_is_retried(world: World) -> None:
    world.raises(LookupError("the secret"))
    await world.send("the secret")
    with capture_logs() as lines:
        async with world.polling():
            await until_true(lambda: world.sqs.visibility_changes)
            assert 1 <= world.sqs.visible_in(QUEUE)[0] <= 2
            world.clock.advance(2)
            await until_true(lambda: not left(world))
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert (line["event"], line["exception_type"], line["receive_count"]) == ("handler.failed", "LookupError", 1)
    assert any("test_poller.py" in frame for frame in line["frames"])
    assert "the secret" not in str(lines)


async def test_a_message_that_always_fails_is_dead_lettered_by_the_redrive_policy(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=3)
    world.raises(LookupError(), times=99)
    await world.send("failing")
    async with world.polling():
        for failures in range(1, 4):
            await until_true(lambda failures=failures: len(world.sqs.visibility_changes) == failures)
            world.clock.advance(300)
        await until_true(lambda: world.sqs.bodies(DEAD) == ["failing"])
    assert world.bodies == ["failing"] * 3


async def test_a_throttled_dependency_makes_the_poller_pause(world: World) -> None:
    world.raises(aws_error("ThrottlingException"), times=99)
    await world.send(*"abcdef")
    async with world.polling(concurrency=1):
        await until_true(lambda: len(world.clock.slept) >= 4)
    for pause, longest in zip(world.clock.slept, (1, 2, 4, 8), strict=False):
        assert longest / 2 <= pause <= longest
    assert len(world.bodies) <= len(world.clock.slept) + 1


async def test_an_outage_does_not_use_up_a_messages_deliveries(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=5)
    world.raises(aws_error("ThrottlingException"), times=20)
    await world.send("good")
    async with world.polling():
        await until_true(lambda: world.advance_clock() and not left(world))
    assert len(world.bodies) == 21
    assert world.sqs.bodies(DEAD) == []
    assert max(world.receive_counts) == MAX_RECEIVES_IN_OUTAGE


async def test_in_an_endless_outage_a_message_is_dead_lettered_by_the_redrive_policy(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=5)
    world.raises(aws_error("ThrottlingException"), times=10**6)
    await world.sqs.send_message(
        QueueUrl=QUEUE,
        MessageBody="message",
        MessageAttributes={RENEWED: {"DataType": "String", "StringValue": "100"}},
    )
    async with world.polling():
        await until_true(lambda: world.advance_clock() and world.sqs.bodies(DEAD) == ["message"])
    assert len(world.bodies) == 5


async def test_postponing_a_message_resets_its_count_of_outages(world: World) -> None:
    world.raises(Postpone(15))
    await world.sqs.send_message(
        QueueUrl=QUEUE,
        MessageBody="watch",
        MessageAttributes={
            RENEWED: {"DataType": "String", "StringValue": "7"},
            "kept": {"DataType": "String", "StringValue": "yes"},
        },
    )
    async with world.polling():
        await until_true(lambda: world.sqs.attributes(QUEUE) == [{"kept": "yes"}])
        world.clock.advance(15)
        await until_true(lambda: not left(world))


async def test_after_a_failure_the_poller_receives_one_message_until_one_succeeds(world: World) -> None:
    world.raises(aws_error("ThrottlingException"), times=3)
    await world.send(*(str(number) for number in range(20)))
    async with world.polling(concurrency=3, visibility_s=10**4):
        await until_true(lambda: world.advance_clock() and not left(world))
    batch_sizes = [receive["at_most"] for receive in world.sqs.receives]
    first_failure = batch_sizes.index(1)
    assert batch_sizes[:first_failure] == [3] * first_failure
    assert max(batch_sizes[first_failure + 1 :]) > 1


async def test_the_poller_receives_at_most_as_many_messages_as_the_capacity(world: World) -> None:
    capacity = [0]
    await world.send("a", "b", "c")
    async with world.polling(capacity=lambda: capacity[0]):
        await until_true(lambda: len(world.clock.slept) > 3)
        assert world.sqs.receives == []
        capacity[0] = 2
        await until_true(lambda: not left(world))
    assert {receive["at_most"] for receive in world.sqs.receives} == {2}


async def test_outcomes_of_messages_are_counted_by_queue(world: World) -> None:
    async def behave(message: QueueMessage) -> None:
        if message.body == "bad":
            raise PoisonMessageError("why")

    world.behaviour = behave
    await world.send("a", "bad", "b")
    world.clock.advance(3)
    out = io.StringIO()
    async with world.polling(metrics=Metrics("chat", world.clock, out)):
        await until_true(lambda: not left(world))
    (line,) = (json.loads(line) for line in out.getvalue().splitlines())
    counts = {name: line[name] for name in ("queue", "MessagesReceived", "MessagesHandled", "MessagesDeadLettered")}
    assert counts == {"queue": QUEUE, "MessagesReceived": 3, "MessagesHandled": 2, "MessagesDeadLettered": 1}
    assert line["MessageAge"] == 3000


async def test_a_message_stays_hidden_while_its_handler_runs(world: World) -> None:
    async def behave(_message: QueueMessage) -> None:
        await until_true(lambda: world.sqs.visibility_changes.count(30) >= 5)

    world.behaviour = behave
    await world.send("slow")
    async with world.polling(visibility_s=30):
        await until_true(lambda: not left(world))
    assert world.bodies == ["slow"]
    assert set(world.clock.slept) == {10}


async def test_a_handler_continues_if_its_visibility_could_not_be_extended(world: World) -> None:
    async def behave(_message: QueueMessage) -> None:
        await until_true(lambda: 30 in world.sqs.visibility_changes)

    world.behaviour = behave
    world.sqs.fail("change_message_visibility", aws_error("ServiceUnavailable"), times=2)
    await world.send("slow")
    async with world.polling():
        await until_true(lambda: not left(world))


async def test_at_most_as_many_messages_as_the_concurrency_are_handled_at_once(world: World) -> None:
    at_once, most = 0, 0

    async def behave(_message: QueueMessage) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.002)
        at_once -= 1

    world.behaviour = behave
    await world.send(*(str(n) for n in range(30)))
    async with world.polling(concurrency=4, visibility_s=10**4):
        await until_true(lambda: not left(world))
    assert most == 4


async def test_after_stop_handlers_finish_and_no_message_is_received(world: World) -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def behave(_message: QueueMessage) -> None:
        started.set()
        await release.wait()

    world.behaviour = behave
    await world.send("running", "waiting")
    async with world.polling(concurrency=1) as stop:
        await started.wait()
        stop.set()
        await asyncio.sleep(0)
        release.set()
    assert world.bodies == ["running"]
    assert left(world) == ["waiting"]


async def test_the_message_of_a_handler_that_outlasts_the_grace_is_visible_at_once(world: World) -> None:
    async def behave(_message: QueueMessage) -> None:
        await asyncio.Event().wait()

    world.behaviour = behave
    await world.send("endless")
    async with world.polling(grace_s=0.01):
        await until_true(lambda: world.bodies)
    assert left(world) == ["endless"]
    assert world.sqs.visible_in(QUEUE) == [0]


async def test_a_failed_receive_is_repeated_after_a_pause(world: World) -> None:
    world.sqs.fail("receive_message", aws_error("ServiceUnavailable"), times=3)
    await world.send("a")
    async with world.polling():
        await until_true(lambda: not left(world))
    assert len(world.clock.slept) >= 3
    assert world.clock.slept[:3] == sorted(world.clock.slept[:3])


async def test_a_message_whose_deletion_failed_is_delivered_again(world: World) -> None:
    world.sqs.fail("delete_message", aws_error("ServiceUnavailable"))
    await world.send("a")
    async with world.polling():
        await until_true(lambda: world.sqs.calls.count("delete_message") == 1)
        world.clock.advance(30)
        await until_true(lambda: not left(world))
    assert world.bodies == ["a", "a"]


async def test_an_invalid_delay_is_a_failure_of_the_handler(world: World) -> None:
    async def behave(message: QueueMessage) -> None:
        if message.receive_count == 1:
            raise RetryLater(901)

    world.behaviour = behave
    await world.send("a")
    async with world.polling():
        await until_true(lambda: world.sqs.visibility_changes)
        world.clock.advance(2)
        await until_true(lambda: not left(world))
