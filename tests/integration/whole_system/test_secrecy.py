"""No text of a person and no secret is in a log, an event, a queue or a metric."""

import json
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest

from tests.clients import Person
from tests.polling import eventually
from tests.system import SECRETS, Process, System

TITLE = f"title-{token_hex(10)}"
PROMPT = f"prompt-{token_hex(10)}"


@pytest.fixture(scope="module")
def copied_events(whole_system: System) -> Iterator[str]:
    """The URL of a queue that gets a copy of every event of the bus."""
    sqs, events = whole_system.stack.client("sqs"), whole_system.stack.client("events")
    url = sqs.create_queue(QueueName=f"tap-{token_hex(4)}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = whole_system.stack.platform["EventBus"]
    rule = f"tap-{token_hex(4)}"
    events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": [{"prefix": "colloquy."}]}))
    events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "tap", "Arn": arn}])
    yield url
    events.remove_targets(Rule=rule, EventBusName=bus, Ids=["tap"])
    events.delete_rule(Name=rule, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture(scope="module")
def usage(
    whole_system: System, services: dict[str, Process], copied_events: str
) -> tuple[list[str], list[dict[str, Any]]]:
    """Use the system in many ways; return the canaries that must not be found, and the published events."""
    token = whole_system.token("user@example.com")
    person = Person(services["chat"].url, token)
    conversation = person.open_conversation()
    answered = list(person.ask(conversation, f"{PROMPT} please", model="scripted.echo"))
    list(person.ask(conversation, f"{PROMPT} [[fault=reset after=3 gap=1]]"))
    person.call("PATCH", f"/api/chat/conversations/{conversation}", {"title": TITLE})
    person.call("POST", f"/api/chat/conversations/{conversation}/messages", {"content": PROMPT})
    Person(person.url, token[:-4] + "abcd").call("GET", "/api/chat/models")
    turn_id = person.begin(conversation, f"{PROMPT} queued [[ttft=0 gap=0 tokens=3]]")
    assert eventually(lambda: person.turn(turn_id)["state"] == "completed")
    person.call("DELETE", f"/api/chat/conversations/{conversation}")
    text = "".join(data["text"] for _, event, data in answered if event == "message.delta")
    assert PROMPT in text
    events = drained(whole_system, copied_events, "chat.conversation.deleted")
    return [PROMPT, TITLE, token, token.rsplit(".", 1)[1], *SECRETS.values()], events


def drained(system: System, url: str, last: str) -> list[dict[str, Any]]:
    sqs = system.stack.client("sqs")
    events: list[dict[str, Any]] = []

    def last_received() -> bool:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        events.extend(json.loads(each["Body"]) for each in received)
        return any(event["detail-type"] == last for event in events)

    assert eventually(last_received, 20)
    return events


def test_the_use_of_the_system_is_published_in_events(usage: tuple[list[str], list[dict[str, Any]]]) -> None:
    types = {event["detail-type"] for event in usage[1]}
    assert types >= {
        "chat.conversation.created",
        "chat.conversation.renamed",
        "chat.turn.started",
        "chat.turn.completed",
        "chat.turn.failed",
        "chat.model.invoked",
    }


def test_no_event_contains_text_or_secrets(usage: tuple[list[str], list[dict[str, Any]]]) -> None:
    canaries, events = usage
    text = json.dumps(events)
    assert [canary for canary in canaries if canary in text] == []


def test_no_log_line_and_no_metric_contains_text_or_secrets(
    usage: tuple[list[str], list[dict[str, Any]]], services: dict[str, Process]
) -> None:
    for process in services.values():
        text = process.log.read_text()
        assert "http.request" in text or process.name != "chat"
        assert [canary[:12] for canary in usage[0] if canary in text] == [], process.name


def test_the_log_of_the_model_server_contains_no_text(
    usage: tuple[list[str], list[dict[str, Any]]], whole_system: System
) -> None:
    text = json.dumps(whole_system.served())
    assert [canary for canary in usage[0] if canary in text] == []


def test_no_queue_and_no_dead_letter_contains_text_or_secrets(
    usage: tuple[list[str], list[dict[str, Any]]], whole_system: System
) -> None:
    sqs = whole_system.stack.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        received = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        text = json.dumps(received.get("Messages", []))
        assert [canary for canary in usage[0] if canary in text] == [], url
