"""BatchConsumer: the outcome of a handler decides what Lambda does with its message."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.events.consumer.delivery import MAX_RECEIVES_IN_OUTAGE, RENEWED
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage, RetryLater
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.settings import ServiceSettings
from shared.telemetry import Metrics
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error
from tests.fakes.lambda_service import FakeContext, recorded, sqs_event
from tests.fakes.sqs import FakeSqs

QUEUE, DEAD = "https://sqs/1/queue", "dead"
PLENTY = 20.0


class World:
    """A queue, a simulated Lambda, and a function whose handler looks up in `behaviour` what to do for a body."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.out = io.StringIO()
        self.handled: list[str] = []
        self.behaviour: dict[str, Exception | Callable[[], Awaitable[None]]] = {}
        metrics = Metrics("chat", self.clock, self.out)
        self.consumer = BatchConsumer(
            self.sqs,  # type: ignore[arg-type]
            QUEUE,
            DEAD,
            self.handle,
            clock=self.clock,
            metrics=metrics,
            **options,
        )

    async def handle(self, message: QueueMessage) -> None:
        self.handled.append(message.body)
        behave = self.behaviour.get(message.body)
        if isinstance(behave, Exception):
            raise behave
        if behave:
            await behave()

    async def send(self, *bodies: str, **attributes: str) -> None:
        for body in bodies:
            await self.sqs.send_message(
                QueueUrl=QUEUE,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )

    async def invoke(self, seconds: float = PLENTY) -> list[str]:
        """Receive, invoke and delete as Lambda does; return the bodies of the failed messages."""
        answer = await self.sqs.receive_message(
            QueueUrl=QUEUE,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        messages = answer["Messages"]
        failed_ids = await self.consumer.consume(sqs_event(messages)["Records"], seconds)
        for message in messages:
            if message["MessageId"] not in failed_ids:
                await self.sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages if message["MessageId"] in failed_ids]

    @property
    def left(self) -> list[str]:
        return self.sqs.bodies(QUEUE)

    def metrics(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def world() -> World:
    return World()


def throttled() -> Exception:
    return aws_error("ThrottlingException")


async def test_a_lambda_record_is_read_like_a_message_of_sqs() -> None:
    seen: list[QueueMessage] = []

    async def see(message: QueueMessage) -> None:
        seen.append(message)

    clock = FakeClock()
    consumer = BatchConsumer(FakeSqs(clock), QUEUE, DEAD, see, clock=clock)  # type: ignore[arg-type]
    assert await consumer.consume(recorded("sqs")["Records"], PLENTY) == []
    (message,) = seen
    assert (message.id, message.receipt) == (
        "059f36b4-87a3-44ab-83d2-661975830a7d",
        "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
    )
    assert (message.receive_count, message.sent_at, message.attributes) == (2, 1763985600123, {"renewed": "3"})


async def test_handled_messages_are_left_to_lambda_to_delete(world: World) -> None:
    await world.send("a", "b")
    assert await world.invoke() == []
    assert world.left == []
    assert world.sqs.calls.count("delete_message") == 2  # by the simulated Lambda, none by the function


async def test_only_the_failed_message_of_a_batch_is_retried(world: World) -> None:
    world.behaviour = {"bad": LookupError("a secret")}
    await world.send("a", "bad", "b")
    with capture_logs() as lines:
        assert await world.invoke() == ["bad"]
    assert world.left == ["bad"]
    assert 1 <= world.sqs.visible_in(QUEUE)[0] <= 2
    assert "a secret" not in str(lines)


async def test_poison_counts_as_success_once_it_is_dead_lettered(world: World) -> None:
    world.behaviour = {"bad": PoisonMessageError("turn_id: missing")}
    await world.send("bad", "good")
    assert await world.invoke() == []
    assert (world.left, world.handled) == ([], ["bad", "good"])
    assert world.sqs.attributes(DEAD) == [{"reason": "turn_id: missing", "origin": "queue"}]


async def test_poison_that_could_not_be_dead_lettered_is_retried(world: World) -> None:
    world.behaviour = {"bad": PoisonMessageError("why")}
    await world.send("bad")
    world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    assert await world.invoke() == ["bad"]
    assert (world.left, world.sqs.bodies(DEAD)) == (["bad"], [])


async def test_retry_later_is_a_failure_with_that_visibility(world: World) -> None:
    world.behaviour = {"early": RetryLater(40)}
    await world.send("early")
    assert await world.invoke() == ["early"]
    assert world.sqs.visible_in(QUEUE) == [40]


async def test_postponing_is_a_success_and_sends_a_new_message(world: World) -> None:
    world.behaviour = {"watch": Postpone(15)}
    await world.send("watch")
    assert await world.invoke() == []
    assert (world.left, world.sqs.visible_in(QUEUE)) == (["watch"], [15])


async def test_a_postponed_message_that_could_not_be_sent_again_is_a_failure(world: World) -> None:
    world.behaviour = {"watch": Postpone(15)}
    await world.send("watch")
    world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    assert await world.invoke() == ["watch"]


async def test_a_visibility_that_could_not_be_changed_fails_no_other_message(world: World) -> None:
    world.behaviour = {"early": RetryLater(40)}
    await world.send("early", "good")
    world.sqs.fail("change_message_visibility", aws_error("ReceiptHandleIsInvalid"))
    assert await world.invoke() == ["early"]
    assert world.left == ["early"]


async def test_an_outage_does_not_use_up_a_messages_deliveries(world: World) -> None:
    world.sqs.redrive(QUEUE, DEAD, max_receive_count=5)
    world.behaviour = {"good": throttled()}
    await world.send("good")
    for _ in range(4 * MAX_RECEIVES_IN_OUTAGE):
        await world.invoke()
        world.clock.advance(301)
    assert (world.left, world.sqs.bodies(DEAD)) == (["good"], [])
    assert world.sqs.attributes(QUEUE) == [{RENEWED: "4"}]


async def test_after_a_failure_one_message_is_tried_and_the_rest_are_held_back(world: World) -> None:
    world.behaviour = {"first": throttled()}
    await world.send("first")
    await world.invoke()
    world.clock.advance(60)
    await world.send("b", "c", "d")
    assert sorted(await world.invoke()) == ["b", "c", "d", "first"]
    assert world.handled == ["first", "first"]
    assert all(pause > 0 for pause in world.sqs.visible_in(QUEUE))


async def test_if_the_tried_message_succeeds_the_others_are_handled_in_the_same_invocation(world: World) -> None:
    world.behaviour = {"first": throttled()}
    await world.send("first")
    await world.invoke()
    world.behaviour = {}
    world.clock.advance(60)
    await world.send("b", "c", "d")
    assert await world.invoke() == []
    assert sorted(world.handled) == ["b", "c", "d", "first", "first"]


async def test_a_failure_that_is_no_outage_holds_back_no_other_message(world: World) -> None:
    world.behaviour = {"first": throttled(), "bad": LookupError()}
    await world.send("first")
    await world.invoke()
    del world.behaviour["first"]
    world.clock.advance(60)
    await world.send("bad", "c")
    assert await world.invoke() == ["bad"]
    assert "c" in world.handled


async def test_at_most_as_many_messages_as_the_concurrency_are_handled_at_once() -> None:
    world = World(concurrency=3)
    at_once, most = 0, 0

    async def work() -> None:
        nonlocal at_once, most
        at_once, most = at_once + 1, max(most, at_once + 1)
        await asyncio.sleep(0)
        at_once -= 1

    bodies = [str(number) for number in range(10)]
    world.behaviour = dict.fromkeys(bodies, work)
    await world.send(*bodies)
    assert await world.invoke() == []
    assert most == 3


async def test_a_handler_that_outlasts_the_invocation_is_stopped_and_its_message_is_visible_at_once(
    world: World,
) -> None:
    world.behaviour = {"endless": asyncio.Event().wait}  # type: ignore[dict-item]
    await world.send("endless", "quick")
    assert await world.invoke(seconds=0.05) == ["endless"]
    assert (world.left, world.sqs.visible_in(QUEUE)) == (["endless"], [0])


async def test_work_that_handlers_have_started_gets_the_time_that_is_left() -> None:
    given_s: list[float] = []

    async def finish_or_hand_over(seconds: float) -> None:
        given_s.append(seconds)

    world = World(finish_or_hand_over=finish_or_hand_over)
    await world.send("a")
    await world.invoke()
    assert PLENTY - 5 < given_s[0] <= PLENTY


async def test_a_message_with_a_visibility_of_its_own_is_kept_hidden_and_deleted_when_handled() -> None:
    deleted: list[int] = []

    async def finish_or_hand_over(_seconds: float) -> None:
        deleted.append(world.sqs.calls.count("delete_message"))

    async def work() -> None:
        while 8 not in world.sqs.visibility_changes:  # noqa: ASYNC110 - what is probed knows no events
            await asyncio.sleep(0)

    world = World(visibility_s=8, finish_or_hand_over=finish_or_hand_over)
    world.behaviour = {"turn": work}
    await world.send("turn")
    assert await world.invoke() == []
    assert deleted == [1]


async def test_the_outcomes_of_messages_are_counted_with_every_invocation(world: World) -> None:
    world.behaviour = {"bad": PoisonMessageError("why"), "late": LookupError()}
    await world.send("a", "bad", "late")
    world.clock.advance(3)
    await world.invoke()
    (line,) = world.metrics()
    names = ("MessagesReceived", "MessagesHandled", "MessagesDeadLettered", "MessagesFailed", "MessageAge")
    assert [line[name] for name in names] == [3, 1, 1, 1, 3000]
    assert (line["service"], line["queue"]) == ("chat", "queue")


OUTCOMES = {
    "handled": None,
    "poison": PoisonMessageError("why"),
    "later": RetryLater(5),
    "postponed": Postpone(5),
    "failed": LookupError(),
    "throttled": throttled(),
}


@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(OUTCOMES)), st.booleans()), min_size=1, max_size=10))
async def test_no_message_is_lost_for_any_outcomes_and_queue_errors(
    batch: list[tuple[str, bool]],
) -> None:
    """Each message is handled, dead-lettered, or still on the queue, exactly once."""
    world = World()
    bodies = [f"{number}:{outcome}" for number, (outcome, _) in enumerate(batch)]
    world.behaviour = {
        body: OUTCOMES[outcome] for body, (outcome, _) in zip(bodies, batch, strict=True) if OUTCOMES[outcome]
    }  # type: ignore[misc]
    await world.send(*bodies)
    for _, refused in batch:
        if refused:
            world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
            world.sqs.fail("change_message_visibility", aws_error("ServiceUnavailable"))
    with capture_logs():
        await world.invoke()
    done = [body for body in world.handled if body.endswith(":handled")]
    assert sorted([*done, *world.left, *world.sqs.bodies(DEAD)]) == sorted(bodies)


def function_for(world: World, seen: list[str]) -> QueueFunction:
    @asynccontextmanager
    async def opened(settings: ServiceSettings) -> AsyncIterator[BatchConsumer]:
        seen.append(settings.environment)
        yield world.consumer

    return QueueFunction("chat", settings, opened)


@pytest.mark.usefixtures("logging_configured")
def test_a_function_returns_the_failed_messages_and_opens_its_resources_once(world: World) -> None:
    seen: list[str] = []
    function = function_for(world, seen)
    world.behaviour = {"bad": LookupError("no")}
    asyncio.run(world.send("a", "bad"))
    received = asyncio.run(
        world.sqs.receive_message(
            QueueUrl=QUEUE,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            MessageAttributeNames=["All"],
        )
    )["Messages"]
    (failed,) = [each["MessageId"] for each in received if each["Body"] == "bad"]
    try:
        for _ in range(2):
            answer = function(sqs_event(received), FakeContext())  # type: ignore[arg-type]
            assert answer == {"batchItemFailures": [{"itemIdentifier": failed}]}
    finally:
        function.close()
    assert len(seen) == 1
    assert world.handled == ["a", "bad"] * 2
