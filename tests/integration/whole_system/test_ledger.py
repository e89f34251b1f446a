"""The ledger: one row for each model call, with exactly the provider's token counts."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest

from tests.clients import Person
from tests.integration.chat.billing import answers_of, invocations_of
from tests.polling import eventually
from tests.system import Process, System


def rows_of(system: System, invocation_id: str) -> list[dict[str, Any]]:
    """The ledger's rows for one invocation."""
    dynamodb, table = system.stack.client("dynamodb"), system.stack.outputs("analytics")["Table"]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    rows = [{name: next(iter(value.values())) for name, value in item.items()} for item in items]
    return [row for row in rows if row["sk"].endswith(f"#{invocation_id}")]


@pytest.fixture
def person(whole_system: System, services: dict[str, Process]) -> Person:
    return Person(services["chat"].url, whole_system.token("user@example.com"))


def settled(system: System, invocation_id: str) -> dict[str, Any]:
    rows = eventually(lambda: [row for row in rows_of(system, invocation_id) if row.get("state") == "settled"], 20)
    assert rows
    (row,) = rows_of(system, invocation_id)
    return row


def test_ten_concurrent_requests_with_one_key_give_one_row_with_the_providers_tokens(
    whole_system: System, person: Person
) -> None:
    conversation, key = person.open_conversation(), token_hex(8)
    question = "Once [[ttft=50 gap=5 tokens=30]]"
    with ThreadPoolExecutor(10) as threads:
        streams = list(threads.map(lambda _: list(person.ask(conversation, question, key=key)), range(10)))
    (invocation,) = invocations_of(whole_system, streams[0][0][2]["turn_id"], "answer")
    (served,) = answers_of(whole_system, invocation)
    row = settled(whole_system, invocation["id"])
    assert (int(row["input_tokens"]), int(row["output_tokens"])) == (
        served["usage"]["inputTokens"],
        served["usage"]["outputTokens"],
    )
    assert row["basis"] == "reported"


def test_the_estimate_of_a_cancelled_answer_is_close_to_the_sent_tokens(whole_system: System, person: Person) -> None:
    stream = person.ask(person.open_conversation(), "Long [[ttft=20 gap=10 tokens=2000]]")
    seen = [next(stream) for _ in range(150)]
    turn_id = seen[0][2]["turn_id"]
    person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    (invocation,) = invocations_of(whole_system, turn_id, "answer")
    (served,) = eventually(lambda: [each for each in answers_of(whole_system, invocation) if each["ended_at"]])
    row = settled(whole_system, invocation["id"])
    assert row["basis"] == "estimated"
    assert int(row["output_tokens"]) == pytest.approx(served["output_tokens"], rel=0.15)


def test_my_usage_counts_answers_and_titles(whole_system: System, services: dict[str, Process], person: Person) -> None:
    maker = Person(person.url, whole_system.token("maker@example.com"))
    analytics = maker.at(services["analytics"].url)

    def counted() -> int:
        return int(analytics.call("GET", "/api/analytics/usage/me").json["totals"]["invocations"])

    before = counted()
    list(maker.ask(maker.open_conversation(), "Count me [[ttft=0 gap=0 tokens=5]]"))
    assert eventually(lambda: counted() == before + 2, 20)
