"""Events from an outbox to a consumer, with functions as relay, sweep and consumer."""

import json
from typing import Any

from shared.clock import SystemClock
from tests.clients import Person
from tests.fakes.example_events import model_invoked
from tests.fakes.lambda_service import FakeContext, QueueMapping, recorded, sqs_event
from tests.lambda_functions import Functions


def create_bot(maker: Person, title: str) -> str:
    answer = maker.call("POST", "/api/bots/bots", {"title": title, "instruction": "Cook."})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def table_dump(functions: Functions, service: str) -> list[str]:
    stack = functions.system.stack
    items = stack.client("dynamodb").scan(TableName=stack.outputs(service)["Table"], ConsistentRead=True)["Items"]
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def outbox(functions: Functions, service: str) -> list[str]:
    return [row for row in table_dump(functions, service) if '"OUTBOX#' in row]


def is_projected(functions: Functions, bot: str) -> bool:
    return any(f"BOT#{bot}" in row for row in table_dump(functions, "ingest"))


def test_functions_deliver_the_events_of_bots_to_ingest(functions: Functions, maker: Person) -> None:
    bots = [create_bot(maker, f"Bot {number}") for number in range(12)]
    assert len(outbox(functions, "bots")) >= 12  # no process runs a relay
    relay = functions.start("bots", "relay")
    relay(functions.streamed("bots"), FakeContext())
    assert outbox(functions, "bots") == []
    events = functions.mapping("ingest", "Events", functions.start("ingest", "events"))
    assert events.run() == []
    assert all(is_projected(functions, bot) for bot in bots)


def test_records_of_a_pipe_and_of_a_mapping_are_published_and_repetition_changes_nothing(
    functions: Functions, maker: Person
) -> None:
    relay = functions.start("bots", "relay")
    events = functions.mapping("ingest", "Events", functions.start("ingest", "events"))
    bot = create_bot(maker, "Twice")
    relay(functions.streamed("bots"), FakeContext())
    events.run()
    once = table_dump(functions, "ingest")
    assert is_projected(functions, bot)
    relay({"Records": functions.streamed("bots")}, FakeContext())
    assert events.run() == []
    assert table_dump(functions, "ingest") == once


def test_a_row_without_a_stream_record_is_swept_after_a_minute(functions: Functions, maker: Person) -> None:
    bot = create_bot(maker, "Swept")
    sweep = functions.start("bots", "sweep")
    sweep({"detail-type": "Scheduled Event", "source": "aws.events"}, FakeContext())
    (row,) = outbox(functions, "bots")
    assert bot in row  # younger than a minute: left to the stream
    envelope = json.loads(json.loads(row)["envelope"]["S"])
    functions.system.stack.client("dynamodb").update_item(
        TableName=functions.system.stack.outputs("bots")["Table"],
        Key={name: json.loads(row)[name] for name in ("pk", "sk")},
        UpdateExpression="SET envelope = :earlier",
        ExpressionAttributeValues={":earlier": {"S": json.dumps({**envelope, "time": "2026-01-01T00:00:00Z"})}},
    )
    sweep({"detail-type": "Scheduled Event", "source": "aws.events"}, FakeContext())
    assert outbox(functions, "bots") == []
    functions.mapping("ingest", "Events", functions.start("ingest", "events")).run()
    assert is_projected(functions, bot)


def ledger_message(**fields: Any) -> str:
    detail = model_invoked(SystemClock(), **fields).model_dump(mode="json")
    return json.dumps({"detail-type": detail["type"], "source": detail["source"], "detail": detail})


def test_each_message_of_a_batch_has_its_own_outcome(functions: Functions) -> None:
    """Valid messages have their effect once, also if repeated; poison is dead-lettered with its reason."""
    stack = functions.system.stack
    sqs, queue = stack.client("sqs"), stack.outputs("analytics")["EventsQueueUrl"]
    function = functions.start("analytics", "events")
    ledger = functions.mapping("analytics", "Events", function)
    ledger.run()
    sqs.purge_queue(QueueUrl=stack.outputs("analytics")["EventsDeadLetterQueueUrl"])
    before = table_dump(functions, "analytics")
    good = [ledger_message() for _ in range(8)]
    for body in [*good[:4], '{"detail": {"type": "chat.model.invoked"}}', *good[4:], good[0]]:
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    messages = ledger.received()
    while len(messages) < 10:
        messages = [*messages, *ledger.received()]
    assert function(sqs_event(messages), FakeContext()) == {"batchItemFailures": []}
    once = table_dump(functions, "analytics")
    assert ledger.invoke(messages) == []  # Lambda may invoke twice with the same batch
    assert table_dump(functions, "analytics") == once
    assert len([row for row in once if row not in before and '"LEDGER"' in row]) == 8
    dead = stack.outputs("analytics")["EventsDeadLetterQueueUrl"]
    letters = sqs.receive_message(
        QueueUrl=dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=2
    )["Messages"]
    assert {letter["MessageAttributes"]["reason"]["StringValue"][:20] for letter in letters} == {"Envelope: id: missin"}
    lines = [line for line in function.metrics() if "MessagesDeadLettered" in line]
    assert lines[0]["MessagesHandled"] == 9


def test_a_recorded_event_of_aws_is_handled(functions: Functions) -> None:
    """Its receipt handle belongs to no queue here; Lambda deletes messages, not the function."""
    assert functions.start("ingest", "events")(recorded("sqs"), FakeContext()) == {"batchItemFailures": []}
    assert functions.start("bots", "relay")([], FakeContext()) is None


def test_without_its_table_a_function_returns_its_messages_hidden_for_later(
    functions: Functions,
) -> None:
    stack = functions.system.stack
    sqs = stack.client("sqs")
    queue = sqs.create_queue(QueueName="functions-outage")["QueueUrl"]
    body = ledger_message()
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    failing = functions.start("analytics", "events", table="no-such-table", events_queue_url=queue)
    mapping = QueueMapping(sqs, queue, failing)
    messages = mapping.received()
    assert mapping.invoke(messages) == [body]
    hidden = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert hidden["ApproximateNumberOfMessagesNotVisible"] == "1"
    sqs.delete_queue(QueueUrl=queue)
