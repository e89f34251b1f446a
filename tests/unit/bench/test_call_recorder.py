"""What a call to DynamoDB has cost, as the counting proxy reads it."""

from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from tests.bench.call_recorder import CallRecorder, _capacity, _items


@pytest.mark.parametrize(
    ("results", "units"),
    [(None, 0), ({"CapacityUnits": 2.5}, 2.5), ([{"CapacityUnits": 2.0}, {"CapacityUnits": 4.0}], 6)],
)
def test_capacity_of_all_tables_counts(results: Any, units: float) -> None:
    assert _capacity(results) == units


@pytest.mark.parametrize(
    ("operation", "asked", "results", "items"),
    [
        ("PutItem", {}, {}, 1),
        ("Query", {}, {"Items": [{}, {}]}, 2),
        ("TransactWriteItems", {"TransactItems": [{}, {}, {}]}, {}, 3),
        ("BatchGetItem", {}, {"Responses": {"t": [{}], "u": [{}, {}]}}, 3),
        ("BatchWriteItem", {"RequestItems": {"t": [{}, {}]}}, {}, 2),
    ],
)
def test_items_are_those_written_or_found(operation: str, asked: Any, results: Any, items: int) -> None:
    assert _items(operation, asked, results) == items


async def test_a_call_goes_through_and_is_written_down_with_what_it_consumed() -> None:
    seen: list[dict[str, Any]] = []

    async def dynamodb(http: web.Request) -> web.Response:
        seen.append(await http.json())
        return web.json_response({"ConsumedCapacity": {"CapacityUnits": 3}}, headers={"x-amzn-requestid": "r1"})

    behind = web.Application()
    behind.router.add_post("/", dynamodb)
    async with TestServer(behind) as aws, ClientSession() as session:
        recorder = CallRecorder(str(aws.make_url("")).rstrip("/"), session)
        async with TestClient(TestServer(recorder.app())) as client:
            answer = await client.post(
                "/", json={"TableName": "t"}, headers={"X-Amz-Target": "DynamoDB_20120810.PutItem"}
            )
            assert (answer.status, answer.headers["x-amzn-requestid"]) == (200, "r1")
            (call,) = await (await client.get("/_calls")).json()
            await client.delete("/_calls")
            assert await (await client.get("/_calls")).json() == []
    assert seen == [{"TableName": "t", "ReturnConsumedCapacity": "TOTAL"}]
    assert (call["service"], call["operation"], call["writes"], call["capacity"]) == ("DynamoDB", "PutItem", True, 3)
