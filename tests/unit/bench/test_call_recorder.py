"""CallRecorder: the cost of calls to DynamoDB."""

from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from tests.bench.call_recorder import CallRecorder, _capacity, _items


@pytest.mark.parametrize(
    ("results", "units"),
    [(None, 0), ({"CapacityUnits": 2.5}, 2.5), ([{"CapacityUnits": 2.0}, {"CapacityUnits": 4.0}], 6)],
)
def test_the_capacity_of_all_tables_is_summed(results: Any, units: float) -> None:
    assert _capacity(results) == units


@pytest.mark.parametrize(
    ("operation", "payload", "results", "items"),
    [
        ("PutItem", {}, {}, 1),
        ("Query", {}, {"Items": [{}, {}]}, 2),
        ("TransactWriteItems", {"TransactItems": [{}, {}, {}]}, {}, 3),
        ("BatchGetItem", {}, {"Responses": {"t": [{}], "u": [{}, {}]}}, 3),
        ("BatchWriteItem", {"RequestItems": {"t": [{}, {}]}}, {}, 2),
    ],
)
def test_written_or_found_items_are_counted(operation: str, payload: Any, results: Any, items: int) -> None:
    assert _items(operation, payload, results) == items


async def test_a_call_is_forwarded_and_recorded_with_its_capacity() -> None:
    received: list[dict[str, Any]] = []

    async def dynamodb(http: web.Request) -> web.Response:
        received.append(await http.json())
        return web.json_response({"ConsumedCapacity": {"CapacityUnits": 3}}, headers={"x-amzn-requestid": "r1"})

    application = web.Application()
    application.router.add_post("/", dynamodb)
    async with TestServer(application) as aws, ClientSession() as session:
        recorder = CallRecorder(str(aws.make_url("")).rstrip("/"), session)
        async with TestClient(TestServer(recorder.app())) as client:
            answer = await client.post(
                "/", json={"TableName": "t"}, headers={"X-Amz-Target": "DynamoDB_20120810.PutItem"}
            )
            assert (answer.status, answer.headers["x-amzn-requestid"]) == (200, "r1")
            (call,) = await (await client.get("/_calls")).json()
            await client.delete("/_calls")
            assert await (await client.get("/_calls")).json() == []
    assert received == [{"TableName": "t", "ReturnConsumedCapacity": "TOTAL"}]
    assert (call["service"], call["operation"], call["writes"], call["capacity"]) == ("DynamoDB", "PutItem", True, 3)
