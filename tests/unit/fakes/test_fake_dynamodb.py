"""The fake table behaves as the system believes of DynamoDB; the embedded AWS is asked the same elsewhere."""

import pytest

from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.dynamodb_contract import DynamoDbContract


class TestFakeDynamoDb(DynamoDbContract):
    @pytest.fixture
    def dynamodb(self) -> FakeDynamoDb:
        return FakeDynamoDb()

    @pytest.fixture
    def table(self) -> str:
        return "t"


async def test_a_table_that_lags_shows_what_was_there_before_unless_asked_for_a_consistent_read() -> None:
    dynamodb, key = FakeDynamoDb(), {"pk": {"S": "a"}, "sk": {"S": "b"}}
    dynamodb.lags = True

    async def seen(*, consistent: bool) -> object:
        answer = await dynamodb.get_item(TableName="t", Key=key, ConsistentRead=consistent)
        return answer.get("Item", {}).get("n")

    for number in ("1", "2"):
        await dynamodb.put_item(TableName="t", Item=key | {"n": {"N": number}})
    assert (await seen(consistent=True), await seen(consistent=False)) == ({"N": "2"}, {"N": "1"})
    await dynamodb.delete_item(TableName="t", Key=key)
    assert (await seen(consistent=True), await seen(consistent=False)) == (None, {"N": "2"})
