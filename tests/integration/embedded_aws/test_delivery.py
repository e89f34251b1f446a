"""The receivers of each event, and dead letters of messages that always fail."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deploy.desired_stack import Overrides
from infra.local.aws.deploy import DeployedStacks, deploy
from tests.polling import eventually
from tests.stack import DeployedAws

CONSUMERS = ("ingest", "agents", "analytics")
"""Services with a queue of events."""

RECEIVERS = {
    "chat.turn.started": {"analytics"},
    "chat.turn.completed": {"analytics"},
    "chat.turn.cancelled": {"agents", "analytics"},
    "chat.model.invoked": {"analytics"},
    "chat.conversation.deleted": {"analytics"},
    "bots.bot.created": {"ingest", "analytics"},
    "bots.bot.deleted": {"ingest", "analytics"},
    "bots.bot.pinned": {"analytics"},
    "bots.api_key.revoked": {"analytics"},
    "bots.publication.paused": {"analytics"},
    "ingest.sync.progressed": {"analytics"},
    "ingest.document.indexed": {"analytics"},
    "agents.tool_call.completed": {"analytics"},
    "analytics.budget.exceeded": {"analytics"},
}


@pytest.fixture(scope="module")
def own_environment(embedded_aws: DeployedAws) -> DeployedStacks:
    """A separate environment on the same AWS: without other messages, and isolated from other environments."""
    return deploy(embedded_aws.aws.endpoint, Overrides("own"))


@pytest.fixture
def sqs(embedded_aws: DeployedAws) -> Any:
    return embedded_aws.client("sqs")


def received(sqs: Any, queue: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0, AttributeNames=["All"], VisibilityTimeout=0
    )
    return list(answer.get("Messages", []))


def drained(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    while messages := received(sqs, queue):
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def publish(stack: DeployedAws, bus: str, source: str, detail_type: str) -> None:
    entry = {"EventBusName": bus, "Source": source, "DetailType": detail_type, "Detail": json.dumps({"n": 1})}
    assert stack.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.parametrize("detail_type", RECEIVERS)
def test_event_reaches_exactly_its_consumers(
    embedded_aws: DeployedAws, own_environment: DeployedStacks, sqs: Any, detail_type: str
) -> None:
    source = f"colloquy.{detail_type.partition('.')[0]}"
    publish(embedded_aws, own_environment.outputs["platform"]["EventBus"], source, detail_type)
    queues = {service: own_environment.outputs[service]["EventsQueueUrl"] for service in CONSUMERS}
    first = eventually(lambda: list(drained(sqs, queues["analytics"])))  # delivered last: its stack is the last one
    assert [(event["source"], event["detail-type"]) for event in first] == [(source, detail_type)]
    others = {service for service in CONSUMERS if service != "analytics" and list(drained(sqs, queues[service]))}
    assert others | {"analytics"} == RECEIVERS[detail_type]


def test_event_of_an_unknown_source_reaches_no_queue(
    embedded_aws: DeployedAws, own_environment: DeployedStacks, sqs: Any
) -> None:
    bus = own_environment.outputs["platform"]["EventBus"]
    publish(embedded_aws, bus, "unknown.source", "analytics.budget.set")
    publish(embedded_aws, bus, "colloquy.analytics", "analytics.budget.set")
    queue = own_environment.outputs["analytics"]["EventsQueueUrl"]
    events = eventually(lambda: list(drained(sqs, queue)))
    assert [event["source"] for event in events] == ["colloquy.analytics"]


@pytest.mark.parametrize(
    ("service", "queue"),
    [*((service, "Events") for service in CONSUMERS), ("agents", "Calls")],
)
def test_message_that_fails_five_times_is_a_dead_letter(
    sqs: Any, own_environment: DeployedStacks, service: str, queue: str
) -> None:
    outputs = own_environment.outputs[service]
    sqs.send_message(QueueUrl=outputs[f"{queue}QueueUrl"], MessageBody='"no envelope"')
    attempts = []
    while messages := received(sqs, outputs[f"{queue}QueueUrl"]):
        attempts += [int(message["Attributes"]["ApproximateReceiveCount"]) for message in messages]
    assert attempts == [1, 2, 3, 4, 5]
    assert list(drained(sqs, outputs[f"{queue}DeadLetterQueueUrl"])) == ["no envelope"]


def test_a_message_of_the_turns_queue_may_be_received_more_often_than_an_event(
    sqs: Any, own_environment: DeployedStacks
) -> None:
    queue = own_environment.outputs["chat"]["TurnsQueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"turn_id": "turn_1"}')
    counts = [int(received(sqs, queue)[0]["Attributes"]["ApproximateReceiveCount"]) for _ in range(15)]
    assert counts[-1] == 15
