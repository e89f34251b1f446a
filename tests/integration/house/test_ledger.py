"""The bill: one row for each call of a model, equal to the token to what the provider says."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest

from tests.clients import Person
from tests.integration.chat.bills import answers_of, invocations_of
from tests.running import House, Process
from tests.waiting import eventually


def rows_of(house: House, invocation_id: str) -> list[dict[str, Any]]:
    """The ledger's rows for one invocation."""
    dynamodb, table = house.stack.client("dynamodb"), house.stack.outputs("analytics")["Table"]
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    rows = [{name: next(iter(value.values())) for name, value in item.items()} for item in items]
    return [row for row in rows if row["sk"].endswith(f"#{invocation_id}")]


@pytest.fixture
def person(whole_house: House, services: dict[str, Process]) -> Person:
    return Person(services["chat"].url, whole_house.token("user@example.com"))


def settled(house: House, invocation_id: str) -> dict[str, Any]:
    rows = eventually(lambda: [row for row in rows_of(house, invocation_id) if row.get("state") == "settled"], 20)
    assert rows
    (row,) = rows_of(house, invocation_id)
    return row


def test_ten_parallel_sends_are_one_row_equal_to_the_providers_bill(whole_house: House, person: Person) -> None:
    conversation, key = person.open_conversation(), token_hex(8)
    asked = "Once [[ttft=50 gap=5 tokens=30]]"
    with ThreadPoolExecutor(10) as threads:
        streams = list(threads.map(lambda _: list(person.ask(conversation, asked, key=key)), range(10)))
    (invocation,) = invocations_of(whole_house, streams[0][0][2]["turn_id"], "answer")
    (served,) = answers_of(whole_house, invocation)
    row = settled(whole_house, invocation["id"])
    assert (int(row["input_tokens"]), int(row["output_tokens"])) == (
        served["usage"]["inputTokens"],
        served["usage"]["outputTokens"],
    )
    assert row["basis"] == "reported"


def test_a_stopped_answer_is_estimated_near_what_was_sent(whole_house: House, person: Person) -> None:
    stream = person.ask(person.open_conversation(), "Long [[ttft=20 gap=10 tokens=2000]]")
    seen = [next(stream) for _ in range(150)]
    turn_id = seen[0][2]["turn_id"]
    person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    (invocation,) = invocations_of(whole_house, turn_id, "answer")
    (served,) = eventually(lambda: [each for each in answers_of(whole_house, invocation) if each["ended_at"]])
    row = settled(whole_house, invocation["id"])
    assert row["basis"] == "estimated"
    assert int(row["output_tokens"]) == pytest.approx(served["output_tokens"], rel=0.15)


def test_my_usage_counts_answers_and_titles(whole_house: House, services: dict[str, Process], person: Person) -> None:
    maker = Person(person.url, whole_house.token("maker@example.com"))
    analytics = maker.at(services["analytics"].url)

    def counted() -> int:
        return int(analytics.call("GET", "/api/analytics/usage/me").json["totals"]["invocations"])

    before = counted()
    list(maker.ask(maker.open_conversation(), "Count me [[ttft=0 gap=0 tokens=5]]"))
    assert eventually(lambda: counted() == before + 2, 20)
