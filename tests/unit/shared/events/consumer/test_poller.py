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
        self.says: Callable[[QueueMessage], Awaitable[None]] | None = None

    async def send(self, *bodies: str) -> None:
        for body in bodies:
            await self.sqs.send_message(QueueUrl=QUEUE, MessageBody=body)

    async def handle(self, message: QueueMessage) -> None:
        self.bodies.append(message.body)
        self.receive_counts.append(message.receive_count)
        if self.says:
            await self.says(message)

    def time_passes(self) -> bool:
        self.clock.advance(10)
        return True

    def raises(self, error: Exception, times: int = 1) -> None:
        left = [error] * times

        async def say(_message: QueueMessage) -> None:
            if left:
                raise left.pop()

        self.says = say

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


async def test_polls_are_long_and_ask_for_no_more_messages_than_may_be_handled(world: World) -> None:
    async with world.polling(concurrency=3):
        await until_true(lambda: world.sqs.receives)
    assert world.sqs.receives[0] == {"wait": 20, "at_most": 3}


async def test_poison_goes_to_the_dead_letters_unchanged_with_its_reason_and_delays_no_other(world: World) -> None:
    async def say(message: QueueMessage) -> None:
        if message.body == "bad":
            raise PoisonMessageError("turn_id: missing")

    world.says = say
    await world.send("bad", "good")
    async with world.polling(concurrency=1):
        await until_true(lambda: not left(world))
    assert world.bodies == ["bad", "good"]
    assert world.sqs.bodies(DEAD) == ["bad"]
    assert world.sqs.attributes(DEAD) == [{"reason": "turn_id: missing", "origin": "queue"}]


async def test_what_is_dead_lettered_or_postponed_is_still_the_command_that_it_was(world: World) -> None:
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


async def test_poison_is_kept_until_the_dead_letters_have_it(world: World) -> None:
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


async def test_a_watchdog_may_be_postponed_more_often_than_the_queue_allows_failures(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=2)
    world.raises(Postpone(15), times=6)
    await world.send("watch")
    async with world.polling():
        for times in range(1, 7):
            await until_true(lambda times=times: len(world.bodies) == times and world.sqs.visible_in(QUEUE) == [15])
            world.clock.advance(15)
        await until_true(lambda: not left(world))
    assert world.sqs.bodies(DEAD) == []


async def test_a_failure_is_logged_without_its_text_and_comes_again_after_a_while(world: World) -> None:
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


async def test_a_message_that_always_fails_ends_in_the_dead_letters_by_the_queues_own_rule(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=3)
    world.raises(LookupError(), times=99)
    await world.send("cursed")
    async with world.polling():
        for failures in range(1, 4):
            await until_true(lambda failures=failures: len(world.sqs.visibility_changes) == failures)
            world.clock.advance(300)
        await until_true(lambda: world.sqs.bodies(DEAD) == ["cursed"])
    assert world.bodies == ["cursed"] * 3


async def test_a_throttled_dependency_slows_the_poller_down_instead_of_burning_receives(world: World) -> None:
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
    await world.send("innocent")
    async with world.polling():
        await until_true(lambda: world.time_passes() and not left(world))
    assert len(world.bodies) == 21
    assert world.sqs.bodies(DEAD) == []
    assert max(world.receive_counts) == MAX_RECEIVES_IN_OUTAGE


async def test_an_outage_that_never_ends_leaves_the_message_to_the_queues_own_rule(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=5)
    world.raises(aws_error("ThrottlingException"), times=10**6)
    await world.sqs.send_message(
        QueueUrl=QUEUE,
        MessageBody="hopeless",
        MessageAttributes={RENEWED: {"DataType": "String", "StringValue": "100"}},
    )
    async with world.polling():
        await until_true(lambda: world.time_passes() and world.sqs.bodies(DEAD) == ["hopeless"])
    assert len(world.bodies) == 5


async def test_a_postponed_message_forgets_the_outages_that_it_met(world: World) -> None:
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


async def test_after_trouble_the_queue_is_asked_for_one_message_until_one_goes_well(world: World) -> None:
    world.raises(aws_error("ThrottlingException"), times=3)
    await world.send(*(str(number) for number in range(20)))
    async with world.polling(concurrency=3, visibility_s=10**4):
        await until_true(lambda: world.time_passes() and not left(world))
    asked = [receive["at_most"] for receive in world.sqs.receives]
    troubled = asked.index(1)
    assert asked[:troubled] == [3] * troubled
    assert max(asked[troubled + 1 :]) > 1


async def test_no_more_messages_are_taken_than_the_process_has_capacity_for(world: World) -> None:
    capacity = [0]
    await world.send("a", "b", "c")
    async with world.polling(capacity=lambda: capacity[0]):
        await until_true(lambda: len(world.clock.slept) > 3)
        assert world.sqs.receives == []
        capacity[0] = 2
        await until_true(lambda: not left(world))
    assert {receive["at_most"] for receive in world.sqs.receives} == {2}


async def test_what_becomes_of_messages_is_counted_by_queue(world: World) -> None:
    async def say(message: QueueMessage) -> None:
        if message.body == "bad":
            raise PoisonMessageError("why")

    world.says = say
    await world.send("a", "bad", "b")
    world.clock.advance(3)
    out = io.StringIO()
    async with world.polling(metrics=Metrics("chat", world.clock, out)):
        await until_true(lambda: not left(world))
    (line,) = (json.loads(line) for line in out.getvalue().splitlines())
    told = {name: line[name] for name in ("queue", "MessagesReceived", "MessagesHandled", "MessagesDeadLettered")}
    assert told == {"queue": QUEUE, "MessagesReceived": 3, "MessagesHandled": 2, "MessagesDeadLettered": 1}
    assert line["MessageAge"] == 3000


async def test_a_message_stays_hidden_as_long_as_its_handler_works(world: World) -> None:
    async def say(_message: QueueMessage) -> None:
        await until_true(lambda: world.sqs.visibility_changes.count(30) >= 5)

    world.says = say
    await world.send("slow")
    async with world.polling(visibility_s=30):
        await until_true(lambda: not left(world))
    assert world.bodies == ["slow"]
    assert set(world.clock.slept) == {10}


async def test_a_handler_goes_on_when_its_message_could_not_be_kept_hidden(world: World) -> None:
    async def say(_message: QueueMessage) -> None:
        await until_true(lambda: 30 in world.sqs.visibility_changes)

    world.says = say
    world.sqs.fail("change_message_visibility", aws_error("ServiceUnavailable"), times=2)
    await world.send("slow")
    async with world.polling():
        await until_true(lambda: not left(world))


async def test_no_more_messages_are_worked_on_at_once_than_allowed(world: World) -> None:
    at_once, most = 0, 0

    async def say(_message: QueueMessage) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.002)
        at_once -= 1

    world.says = say
    await world.send(*(str(n) for n in range(30)))
    async with world.polling(concurrency=4, visibility_s=10**4):
        await until_true(lambda: not left(world))
    assert most == 4


async def test_the_order_to_stop_lets_handlers_finish_and_receives_nothing_more(world: World) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def say(_message: QueueMessage) -> None:
        started.set()
        await may_end.wait()

    world.says = say
    await world.send("running", "waiting")
    async with world.polling(concurrency=1) as stop:
        await started.wait()
        stop.set()
        await asyncio.sleep(0)
        may_end.set()
    assert world.bodies == ["running"]
    assert left(world) == ["waiting"]


async def test_a_handler_that_outlasts_the_grace_gives_its_message_back_at_once(world: World) -> None:
    async def say(_message: QueueMessage) -> None:
        await asyncio.Event().wait()

    world.says = say
    await world.send("endless")
    async with world.polling(grace_s=0.01):
        await until_true(lambda: world.bodies)
    assert left(world) == ["endless"]
    assert world.sqs.visible_in(QUEUE) == [0]


async def test_a_queue_that_does_not_answer_is_asked_again_after_a_pause(world: World) -> None:
    world.sqs.fail("receive_message", aws_error("ServiceUnavailable"), times=3)
    await world.send("a")
    async with world.polling():
        await until_true(lambda: not left(world))
    assert len(world.clock.slept) >= 3
    assert world.clock.slept[:3] == sorted(world.clock.slept[:3])


async def test_a_message_whose_deletion_failed_comes_again(world: World) -> None:
    world.sqs.fail("delete_message", aws_error("ServiceUnavailable"))
    await world.send("a")
    async with world.polling():
        await until_true(lambda: world.sqs.calls.count("delete_message") == 1)
        world.clock.advance(30)
        await until_true(lambda: not left(world))
    assert world.bodies == ["a", "a"]


async def test_a_delay_that_aws_would_refuse_is_a_failure_of_the_handler_not_of_the_poller(world: World) -> None:
    async def say(message: QueueMessage) -> None:
        if message.receive_count == 1:
            raise RetryLater(901)

    world.says = say
    await world.send("a")
    async with world.polling():
        await until_true(lambda: world.sqs.visibility_changes)
        world.clock.advance(2)
        await until_true(lambda: not left(world))
