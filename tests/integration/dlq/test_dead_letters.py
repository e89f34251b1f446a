"""`make dlq` and `make redrive` on the queues of a deployed system."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.dlq.dead_letter import RECEIVED_TOO_OFTEN
from infra.dlq.queues import DeadLetterQueue, dead_letter_queues
from infra.dlq.receive import count, dead_letters
from infra.dlq.redrive import redrive
from tests.polling import eventually
from tests.stack import DeployedAws

EVENT = {"id": "evt_1", "type": "chat.turn.started", "source": "colloquy.chat", "time": "2026-11-23T12:00:00Z"}


class World:
    def __init__(self, stack: DeployedAws) -> None:
        self.sqs = stack.client("sqs")
        self.events = stack.client("events")
        self.queues = {each.name: each for each in dead_letter_queues(stack.client("cloudformation"), "local")}

    def add_dead_letter(self, queue: DeadLetterQueue, body: str, **attributes: str) -> None:
        named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=queue.url, MessageBody=body, MessageAttributes=named)

    def redrive(self, queue: DeadLetterQueue, limit: int | None = None) -> tuple[int, int]:
        done = redrive(self.sqs, self.events, queue, limit)
        return done.moved, done.kept

    def received(self, url: str) -> list[Any]:
        answer = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))


@pytest.fixture
def world(embedded_aws: DeployedAws) -> Iterator[World]:
    world = World(embedded_aws)
    for queue in world.queues.values():  # other suites leave dead letters
        world.sqs.purge_queue(QueueUrl=queue.url)
    yield world
    for queue in world.queues.values():
        for url in filter(None, (queue.url, queue.source_url)):
            world.sqs.purge_queue(QueueUrl=url)


def test_every_dead_letter_queue_is_found_by_its_name(world: World) -> None:
    assert {"chat-turns", "agents-calls", "ingest-events", "analytics-events"} <= world.queues.keys()
    without_source = {name for name, queue in world.queues.items() if queue.source_url is None}
    assert without_source == {"chat-relay", "bots-relay", "agents-relay"}
    assert len({queue.url for queue in world.queues.values()}) == len(world.queues)


def test_listing_dead_letters_removes_none(world: World) -> None:
    queue = world.queues["chat-turns"]
    for number in range(12):
        world.add_dead_letter(queue, json.dumps({"turn_id": f"turn_{number}"}), reason="why", origin="queue")
    for _ in range(2):
        assert len({letter.id for letter in dead_letters(world.sqs, queue, 20)}) == 12
        assert count(world.sqs, queue) == 12
    assert len(dead_letters(world.sqs, queue, 3)) == 3


def test_a_redriven_message_has_no_dead_letter_attributes(world: World) -> None:
    queue = world.queues["chat-turns"]
    world.add_dead_letter(
        queue, '{"turn_id": "turn_1"}', reason="why", origin="queue", renewed="3", type="chat.turn.run"
    )
    assert world.redrive(queue) == (1, 0)
    (returned,) = world.received(queue.source_url)
    assert returned["Body"] == '{"turn_id": "turn_1"}'
    assert {name: each["StringValue"] for name, each in returned["MessageAttributes"].items()} == {
        "type": "chat.turn.run"
    }
    assert count(world.sqs, queue) == 0


def test_a_message_dead_lettered_by_sqs_is_redriven(world: World) -> None:
    queue = world.queues["agents-events"]
    world.add_dead_letter(queue, '{"detail": {"id": "evt_1", "type": "x"}}')
    assert [letter.reason for letter in dead_letters(world.sqs, queue, 20)] == [RECEIVED_TOO_OFTEN]
    assert world.redrive(queue) == (1, 0)


@pytest.mark.parametrize(
    "name", ["chat-relay", "agents-events"]
)  # an older release used the dead-letter queue of events
def test_an_unpublished_event_is_redriven_to_the_bus(world: World, name: str) -> None:
    world.add_dead_letter(world.queues[name], json.dumps(EVENT), reason="evt_1: MalformedDetail", origin="bus")
    assert world.redrive(world.queues[name]) == (1, 0)
    delivered = eventually(lambda: world.received(world.queues["analytics-events"].source_url))
    assert json.loads(delivered[0]["Body"])["detail"] == EVENT


@pytest.mark.parametrize("body", ["{}", "[]", "no JSON"])
def test_an_invalid_event_stays_in_the_dead_letter_queue(world: World, body: str) -> None:
    queue = world.queues["bots-relay"]
    world.add_dead_letter(queue, body, reason="unreadable outbox row", origin="bus")
    assert world.redrive(queue) == (0, 1)
    assert count(world.sqs, queue) == 1


def test_a_redrive_moves_at_most_its_limit(world: World) -> None:
    queue = world.queues["chat-turns"]
    for number in range(15):
        world.add_dead_letter(queue, str(number), reason="why", origin="queue")
    assert world.redrive(queue, 11) == (11, 0)
    assert count(world.sqs, queue) == 4
    assert world.redrive(queue) == (4, 0)


def test_a_redrive_killed_between_send_and_delete_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = world.queues["chat-turns"]
    world.add_dead_letter(queue, "once", reason="why", origin="queue")

    def raise_keyboard_interrupt(**_named: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world.sqs, "delete_message", raise_keyboard_interrupt)
    with pytest.raises(KeyboardInterrupt):
        world.redrive(queue)
    (returned,) = world.received(queue.source_url)
    assert returned["Body"] == "once"
    answer = world.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])
    assert answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_an_environment_that_is_not_deployed_raises_lookup_error(embedded_aws: DeployedAws) -> None:
    with pytest.raises(LookupError, match="nowhere"):
        dead_letter_queues(embedded_aws.client("cloudformation"), "nowhere")
