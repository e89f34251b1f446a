"""FakeDynamoDb fulfils the contract that the embedded AWS is tested with, too."""

import pytest

from tests.fakes.dynamodb import PAGES_IN_BATCH, FakeDynamoDb
from tests.fakes.dynamodb_contract import DynamoDbContract


class TestFakeDynamoDb(DynamoDbContract):
    @pytest.fixture
    def dynamodb(self) -> FakeDynamoDb:
        return FakeDynamoDb()

    @pytest.fixture
    def table(self) -> str:
        return "t"


async def test_a_lagging_table_returns_the_previous_item_without_a_consistent_read() -> None:
    dynamodb, key = FakeDynamoDb(), {"pk": {"S": "a"}, "sk": {"S": "b"}}
    dynamodb.lags = True

    async def read_number(*, consistent: bool) -> object:
        answer = await dynamodb.get_item(TableName="t", Key=key, ConsistentRead=consistent)
        return answer.get("Item", {}).get("n")

    for number in ("1", "2"):
        await dynamodb.put_item(TableName="t", Item=key | {"n": {"N": number}})
    assert (await read_number(consistent=True), await read_number(consistent=False)) == ({"N": "2"}, {"N": "1"})
    await dynamodb.delete_item(TableName="t", Key=key)
    assert (await read_number(consistent=True), await read_number(consistent=False)) == (None, {"N": "2"})


async def filled(count: int, size: int) -> FakeDynamoDb:
    """Items of a little more than `size` bytes, and pages of 1 000 bytes."""
    dynamodb = FakeDynamoDb()
    dynamodb.page_bytes = 1000
    for number in range(count):
        item = {"pk": {"S": "p"}, "sk": {"S": f"{number:03d}"}, "text": {"S": "x" * size}}
        await dynamodb.put_item(TableName="t", Item=item)
    return dynamodb


@pytest.mark.parametrize(("size", "per_page"), [(400, 2), (2000, 1)])
async def test_a_query_ends_its_page_by_bytes_and_continues_after_it(size: int, per_page: int) -> None:
    dynamodb = await filled(5, size)
    pages = dynamodb.get_paginator("query").paginate(
        TableName="t", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}
    )
    read = [[item["sk"]["S"] for item in page["Items"]] async for page in pages]
    assert [sk for page in read for sk in page] == [f"{number:03d}" for number in range(5)]
    assert max(map(len, read)) == per_page


async def test_the_bytes_of_a_page_are_counted_before_the_filter() -> None:
    dynamodb = await filled(5, 400)
    answer = await dynamodb.query(
        TableName="t",
        KeyConditionExpression="pk = :p",
        FilterExpression="sk > :none",
        ExpressionAttributeValues={":p": {"S": "p"}, ":none": {"S": "zzz"}},
    )
    assert (answer["Items"], answer["LastEvaluatedKey"]["sk"]) == ([], {"S": "001"})


async def test_a_batch_get_that_is_too_large_leaves_keys_unprocessed() -> None:
    dynamodb = await filled(50, 900)
    keys = [{"pk": {"S": "p"}, "sk": {"S": f"{number:03d}"}} for number in range(50)]
    answer = await dynamodb.batch_get_item(RequestItems={"t": {"Keys": keys, "ConsistentRead": True}})
    assert 0 < len(answer["Responses"]["t"]) <= PAGES_IN_BATCH
    left = answer["UnprocessedKeys"]["t"]
    assert left == {"Keys": keys[len(answer["Responses"]["t"]) :], "ConsistentRead": True}
