"""From the bus to the usage report: repeated and reordered events do not change the sums."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from shared.clock import SystemClock
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from tests.clients import Person
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import conversation_created
from tests.fakes.invocations import opened, settled
from tests.polling import eventually
from tests.stack import DeployedAws
from tests.system import Process

A_DAY = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
"""In the past, because other tests of the session have usage of the same people today."""


def put_on_bus(stack: DeployedAws, envelopes: list[Envelope]) -> None:
    entries = [
        {
            "EventBusName": stack.platform["EventBus"],
            "Source": envelope.source,
            "DetailType": envelope.type,
            "Detail": envelope.model_dump_json(),
        }
        for envelope in envelopes
    ]
    for start in range(0, len(entries), 10):
        answer = stack.client("events").put_events(Entries=entries[start : start + 10])
        assert answer["FailedEntryCount"] == 0


def test_events_repeated_three_times_and_shuffled_are_counted_once(
    embedded_aws: DeployedAws, processes: dict[str, Process], tokens: dict[str, str]
) -> None:
    person = Person(processes["analytics"].url, tokens["user"])
    user_id = jwt.decode(tokens["user"], options={"verify_signature": False})["sub"]
    clock, ids = FakeClock(A_DAY), UlidIds(SystemClock())
    events: list[Envelope] = []
    for _ in range(5):
        invocation = ids.new("inv")
        events += [opened(clock, invocation, A_DAY, user_id), settled(clock, invocation, A_DAY, user_id)]
    events.append(opened(clock, ids.new("inv"), A_DAY, user_id))
    events.append(conversation_created(clock))
    shuffled = events * 3
    random.Random(4).shuffle(shuffled)  # noqa: S311 - a test's own order
    put_on_bus(embedded_aws, shuffled)

    def usage() -> Any:
        return person.call("GET", "/api/analytics/usage/me?from=2024-03-01&to=2024-03-01&tz=Asia/Seoul").json

    assert eventually(lambda: usage()["totals"]["invocations"] == 5 and usage()["totals"]["open_invocations"] == 1)
    report = usage()
    assert report["totals"]["cost_nano_usd"] == 5 * 5_000
    assert report["totals"]["output_tokens"] == 5 * 30
    assert [line["model"] for line in report["days"]] == ["scripted.echo"]


def test_poison_is_dead_lettered_and_delays_no_other_event(
    embedded_aws: DeployedAws, processes: dict[str, Process], tokens: dict[str, str]
) -> None:
    person = Person(processes["analytics"].url, tokens["maker"])
    user_id = jwt.decode(tokens["maker"], options={"verify_signature": False})["sub"]
    next_day = A_DAY + timedelta(days=1)
    clock = FakeClock(next_day)
    invocation = UlidIds(SystemClock()).new("inv")
    poison = settled(clock, invocation, next_day, user_id).model_copy(update={"dataschema": "chat.model.invoked/9"})
    put_on_bus(embedded_aws, [poison, settled(clock, invocation, next_day, user_id)])

    path = "/api/analytics/usage/me?from=2024-03-02&to=2024-03-02"
    assert eventually(lambda: person.call("GET", path).json["totals"]["invocations"] == 1)
    queue = embedded_aws.outputs("analytics")["EventsDeadLetterQueueUrl"]
    answer = embedded_aws.client("sqs").receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5, MessageAttributeNames=["All"]
    )
    (message,) = [each for each in answer["Messages"] if poison.id in each["Body"]]
    assert message["MessageAttributes"]["reason"]["StringValue"] == "unknown version: chat.model.invoked/9"
