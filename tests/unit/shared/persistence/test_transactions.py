"""TransactWriteItems: a failed condition is a Conflict, a busy table is retried, other errors are raised."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws import to_item
from shared.persistence.transactions import Conflict, Write, transact
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.faults import aws_error

TABLE = "t"
NEW = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def item(name: str, **condition: Any) -> Write:
    return {"Put": {"TableName": TABLE, "Item": to_item({"pk": name, "sk": "X", "n": 1}), **condition}}


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)


async def write(dynamodb: FakeDynamoDb, request: str = "first request", **writes: Write) -> None:
    await transact(dynamodb, writes, request)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ThrottlingError"),
        cancelled("ProvisionedThroughputExceeded"),
        aws_error("ThrottlingException"),
        aws_error("TransactionInProgressException"),
        aws_error("InternalServerError"),
    ],
)
async def test_a_busy_table_is_retried(error: ClientError) -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", error, times=3)
    await write(dynamodb, a=item("a", **NEW))
    assert len(dynamodb.items(TABLE)) == 1


async def test_a_failed_condition_together_with_a_busy_item_is_a_conflict() -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", cancelled("TransactionConflict", "ConditionalCheckFailed"))
    with pytest.raises(Conflict) as caught:
        await write(dynamodb, a=item("a"), b=item("b"))
    assert caught.value.names == {"b"}
    assert dynamodb.calls == ["transact_write_items"]


async def test_an_error_that_cannot_pass_is_raised_at_once() -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    with pytest.raises(ClientError):
        await write(dynamodb, a=item("a"))
    assert len(dynamodb.calls) == 1


async def test_the_same_token_is_the_same_request() -> None:
    dynamodb = FakeDynamoDb()
    await write(dynamodb, a=item("a", **NEW))
    await write(dynamodb, a=item("a", **NEW))
    with pytest.raises(Conflict):
        await write(dynamodb, request="second request", a=item("a", **NEW))
