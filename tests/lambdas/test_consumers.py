"""Packaged consumers on AWS's own runtime for Python, with events as AWS sends them."""

import json
from typing import Any

import pytest

from shared.clock import SystemClock
from tests.clients import Person
from tests.fakes.example_events import model_invoked
from tests.fakes.lambda_service import FakeContext, QueueMapping, recorded, sqs_event
from tests.lambda_functions import Functions
from tests.lambdas.hosted_functions import HostedFunctions, HttpFunction
from tests.system import System


@pytest.fixture
def maker(hosted: HostedFunctions, functions_system: System) -> Person:
    return Person(hosted.http("bots").url, functions_system.token("maker@example.com"))


def create_bot(maker: Person, title: str) -> str:
    answer = maker.call("POST", "/api/bots/bots", {"title": title, "instruction": "Cook."})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def rows(system: System, service: str, holding: str) -> list[str]:
    table = system.stack.outputs(service)["Table"]
    items = system.stack.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return sorted(row for item in items if holding in (row := json.dumps(item, sort_keys=True)))


def mapping(hosted: HostedFunctions, service: str, name: str, queue: str) -> QueueMapping:
    url = hosted.system.stack.outputs(service)[f"{queue}QueueUrl"]
    return QueueMapping(hosted.system.stack.client("sqs"), url, hosted.consumer(service, name))


def test_an_event_of_bots_reaches_the_table_of_ingest(
    hosted: HostedFunctions, functions_system: System, maker: Person, tmp_path: Any
) -> None:
    bot = create_bot(maker, "By functions")
    relay, functions = hosted.consumer("bots", "relay"), Functions(functions_system, tmp_path)
    relay(functions.streamed("bots"), FakeContext())
    assert rows(functions_system, "bots", "OUTBOX#") == []
    assert mapping(hosted, "ingest", "events", "Events").run() == []
    (once,) = rows(functions_system, "ingest", f"BOT#{bot}")
    relay({"Records": functions.streamed("bots")}, FakeContext())  # as an event source mapping sends it
    assert mapping(hosted, "ingest", "events", "Events").run() == []
    assert rows(functions_system, "ingest", f"BOT#{bot}") == [once]


def test_the_sweep_handles_a_scheduled_event(hosted: HostedFunctions) -> None:
    assert hosted.consumer("bots", "sweep")(recorded("schedule"), FakeContext()) is None


def test_a_batch_with_duplicates_and_poison_has_each_effect_once(
    hosted: HostedFunctions, functions_system: System
) -> None:
    stack = functions_system.stack
    sqs, url = stack.client("sqs"), stack.outputs("analytics")["EventsQueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    invoked = model_invoked(SystemClock())
    body = json.dumps({"detail-type": invoked.type, "detail": json.loads(invoked.model_dump_json())})
    for each in (body, body, "rubbish", body):
        sqs.send_message(QueueUrl=url, MessageBody=each)
    consumer = hosted.consumer("analytics", "events")
    received = QueueMapping(sqs, url, consumer).received(wait_s=2)
    assert len(received) == 4
    assert consumer(sqs_event(received), FakeContext()) == {"batchItemFailures": []}
    kept = rows(functions_system, "analytics", invoked.data["invocation_id"])
    assert len(kept) == 2  # the invocation, and the row that points to it
    assert consumer(sqs_event(received), FakeContext()) == {"batchItemFailures": []}
    assert rows(functions_system, "analytics", invoked.data["invocation_id"]) == kept
    dead = sqs.receive_message(QueueUrl=stack.outputs("analytics")["EventsDeadLetterQueueUrl"], WaitTimeSeconds=2)
    assert {message["Body"] for message in dead["Messages"]} == {"rubbish"}


@pytest.mark.usefixtures("served_turns")
def test_a_tool_call_is_executed_by_one_function_and_its_turn_resumed_by_another(
    hosted: HostedFunctions, person: Person, chat: HttpFunction
) -> None:
    conversation = person.open_conversation()
    question = 'Compute [[tool=calculator:{"expression":"6*7"}]]'
    stream = person.ask(conversation, question, tools=["calculator"])
    seen = [next(stream)]
    while seen[-1][1] != "tool.call":
        seen.append(next(stream))
    assert mapping(hosted, "agents", "calls", "Calls").run(wait_s=3) == []
    seen += list(stream)
    assert [data["output"]["result"] for _, name, data in seen if name == "tool.result"] == ["42"]
    assert seen[-1][1] == "turn.completed"
    assert chat.function.environments
