"""Metrics of running processes about queues and outboxes, in CloudWatch's embedded metric format."""

import json
from typing import Any

import pytest

from tests.clients import Person
from tests.polling import eventually
from tests.stack import DeployedAws
from tests.system import Process, System
from tests.unit.infra.sam.test_queues import declared


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
def processes(functions_system: System) -> dict[str, Process]:
    """All five services with all their roles."""
    return {name: functions_system.start(name) for name in ("chat", "bots", "ingest", "analytics", "agents")}


@pytest.mark.parametrize("service", ["chat", "bots", "ingest", "analytics", "agents"])
def test_a_process_polls_the_declared_queues_of_its_service(processes: dict[str, Process], service: str) -> None:
    lines = [json.loads(line) for line in processes[service].log.read_text().splitlines() if line.startswith("{")]
    (started,) = [line for line in lines if line.get("event") == "process.started"]
    polled = set(started["roles"]) - {"http", "relay"}
    assert polled == {queue.name for queue in declared(service)}


def test_every_process_counts_its_messages_and_every_relay_its_events(
    functions_system: System, processes: dict[str, Process]
) -> None:
    stack = functions_system.stack
    user = Person(processes["chat"].url, functions_system.token("user@example.com"))
    maker = Person(processes["bots"].url, functions_system.token("maker@example.com"))
    bot = maker.call("POST", "/api/bots/bots", {"title": "Cook", "instruction": "Cook."}).json["id"]
    turn_id = user.begin(user.open_conversation(), "Stop [[ttft=20 gap=50 tokens=200]]")
    assert eventually(lambda: user.turn(turn_id)["state"] == "running")
    user.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    assert eventually(lambda: user.turn(turn_id)["state"] == "cancelled")
    at_ingest = maker.at(processes["ingest"].url)
    assert eventually(lambda: at_ingest.call("GET", f"/api/ingest/bots/{bot}/sources").status == 200)
    report = user.at(processes["analytics"].url)
    assert eventually(lambda: report.call("GET", "/api/analytics/usage/me").json["days"])
    for process in processes.values():
        assert process.end() == 0
    for service, queue in [("agents", "Events"), ("analytics", "Events"), ("ingest", "Events"), ("chat", "Turns")]:
        name = queue_name(stack, service, queue)
        assert counted(processes[service], "MessagesHandled", name) >= 1, service
        assert counted(processes[service], "MessageAge", name) >= 0, service
    for service in ("bots", "chat"):
        assert counted(processes[service], "EventsPublished") >= 1, service
    assert counted(processes["analytics"], "EventsHeard") >= counted(processes["bots"], "EventsPublished")
