"""Who receives which event, and what becomes of a message that nobody can handle."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deploy.desired_stack import Overrides
from infra.local.aws.deploy import DeployedStacks, deploy
from tests.polling import eventually
from tests.stack import DeployedAws

LISTENING = ("ingest", "agents", "analytics")
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
def apart(embedded_aws: DeployedAws) -> DeployedStacks:
    """An environment of its own on the same AWS: nobody else's messages, and proof that environments do not meet."""
    return deploy(embedded_aws.aws.endpoint, Overrides("apart"))


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
    embedded_aws: DeployedAws, apart: DeployedStacks, sqs: Any, detail_type: str
) -> None:
    source = f"colloquy.{detail_type.partition('.')[0]}"
    publish(embedded_aws, apart.outputs["platform"]["EventBus"], source, detail_type)
    queues = {service: apart.outputs[service]["EventsQueueUrl"] for service in LISTENING}
    first = eventually(lambda: list(drained(sqs, queues["analytics"])))  # delivered last: its stack is the last one
    assert [(event["source"], event["detail-type"]) for event in first] == [(source, detail_type)]
    others = {service for service in LISTENING if service != "analytics" and list(drained(sqs, queues[service]))}
    assert others | {"analytics"} == RECEIVERS[detail_type]


def test_event_of_a_stranger_reaches_nobody(embedded_aws: DeployedAws, apart: DeployedStacks, sqs: Any) -> None:
    bus = apart.outputs["platform"]["EventBus"]
    publish(embedded_aws, bus, "somebody.else", "analytics.budget.set")
    publish(embedded_aws, bus, "colloquy.analytics", "analytics.budget.set")
    queue = apart.outputs["analytics"]["EventsQueueUrl"]
    events = eventually(lambda: list(drained(sqs, queue)))
    assert [event["source"] for event in events] == ["colloquy.analytics"]


@pytest.mark.parametrize(
    ("service", "queue"),
    [*((service, "Events") for service in LISTENING), ("agents", "Calls")],
)
def test_message_that_fails_five_times_is_a_dead_letter(
    sqs: Any, apart: DeployedStacks, service: str, queue: str
) -> None:
    outputs = apart.outputs[service]
    sqs.send_message(QueueUrl=outputs[f"{queue}QueueUrl"], MessageBody='"no envelope"')
    attempts = []
    while messages := received(sqs, outputs[f"{queue}QueueUrl"]):
        attempts += [int(message["Attributes"]["ApproximateReceiveCount"]) for message in messages]
    assert attempts == [1, 2, 3, 4, 5]
    assert list(drained(sqs, outputs[f"{queue}DeadLetterQueueUrl"])) == ["no envelope"]


def test_the_message_of_a_turn_is_given_more_patience_than_an_event(sqs: Any, apart: DeployedStacks) -> None:
    queue = apart.outputs["chat"]["TurnsQueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"turn_id": "turn_1"}')
    counts = [int(received(sqs, queue)[0]["Attributes"]["ApproximateReceiveCount"]) for _ in range(15)]
    assert counts[-1] == 15
