"""What running processes count: their queues, and their outboxes, in CloudWatch's embedded metric format."""

import json
from typing import Any

import pytest

from tests.clients import Person
from tests.polling import eventually
from tests.stack import DeployedAws
from tests.system import Process, System


def metrics(process: Process) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith('{"_aws"')]
    assert all(line["service"] == process.name for line in lines)
    return lines


def counted(process: Process, name: str, queue: str | None = None) -> float:
    about = [line for line in metrics(process) if queue is None or line.get("queue") == queue]
    return sum(line.get(name, 0) for line in about)


def queue_name(stack: DeployedAws, service: str, queue: str) -> str:
    return stack.outputs(service)[f"{queue}QueueUrl"].rpartition("/")[2]


@pytest.fixture(scope="module")
def five(functions_system: System) -> dict[str, Process]:
    """With all their roles."""
    return {name: functions_system.start(name) for name in ("chat", "bots", "ingest", "analytics", "agents")}


def test_every_process_counts_its_messages_and_every_relay_its_events(
    functions_system: System, five: dict[str, Process]
) -> None:
    stack = functions_system.stack
    user = Person(five["chat"].url, functions_system.token("user@example.com"))
    maker = Person(five["bots"].url, functions_system.token("maker@example.com"))
    bot = maker.call("POST", "/api/bots/bots", {"title": "Cook", "instruction": "Cook."}).json["id"]
    turn_id = user.begin(user.open_conversation(), "Stop [[ttft=20 gap=50 tokens=200]]")
    assert eventually(lambda: user.turn(turn_id)["state"] == "running")
    user.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    assert eventually(lambda: user.turn(turn_id)["state"] == "cancelled")
    at_ingest = maker.at(five["ingest"].url)
    assert eventually(lambda: at_ingest.call("GET", f"/api/ingest/bots/{bot}/sources").status == 200)
    report = user.at(five["analytics"].url)
    assert eventually(lambda: report.call("GET", "/api/analytics/usage/me").json["days"])
    for process in five.values():
        assert process.end() == 0
    for service, queue in [("agents", "Events"), ("analytics", "Events"), ("ingest", "Events"), ("chat", "Turns")]:
        name = queue_name(stack, service, queue)
        assert counted(five[service], "MessagesHandled", name) >= 1, service
        assert counted(five[service], "MessageAge", name) >= 0, service
    for service in ("bots", "chat"):
        assert counted(five[service], "EventsPublished") >= 1, service
    assert counted(five["analytics"], "EventsHeard") >= counted(five["bots"], "EventsPublished")
