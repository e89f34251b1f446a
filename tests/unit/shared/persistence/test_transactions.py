"""TransactWriteItems: a condition that failed is an answer, a conflict is tried again, a lost answer is no failure."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws import to_item
from shared.persistence.transactions import Cancelled, Write, transact
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.faults import aws_error

TABLE = "t"


def put(name: str, **condition: Any) -> Write:
    return {"Put": {"TableName": TABLE, "Item": to_item({"pk": name, "sk": "X", "n": 1}), **condition}}


NEW = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)


class ForgetfulDynamoDb(FakeDynamoDb):
    """Does what it is told and loses its first answer on the way."""

    lost = False

    async def transact_write_items(self, **request: Any) -> dict[str, Any]:
        answer = await super().transact_write_items(**request)
        if not self.lost:
            self.lost = True
            raise aws_error("InternalServerError", "TransactWriteItems")
        return answer


async def test_all_is_written_or_nothing_and_what_stood_in_the_way_is_told() -> None:
    dynamodb = FakeDynamoDb()
    await transact(dynamodb, [put("a", **NEW)])  # type: ignore[arg-type]
    with pytest.raises(Cancelled) as caught:
        await transact(dynamodb, [put("b"), put("a", **NEW)])  # type: ignore[arg-type]
    assert caught.value.failed == {1}
    assert caught.value.found(1) == {"pk": "a", "sk": "X", "n": 1}
    assert caught.value.found(0) is None
    assert [item["pk"]["S"] for item in dynamodb.items(TABLE)] == ["a"]


@pytest.mark.parametrize(
    "trouble",
    [
        cancelled("TransactionConflict", "None"),
        cancelled("None", "ThrottlingError"),
        aws_error("ThrottlingException"),
        aws_error("TransactionInProgressException"),
    ],
)
async def test_what_passes_is_tried_again(trouble: ClientError) -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", trouble, times=3)
    await transact(dynamodb, [put("a", **NEW)])  # type: ignore[arg-type]
    assert len(dynamodb.items(TABLE)) == 1


async def test_a_failed_condition_beside_a_conflict_is_an_answer() -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", cancelled("TransactionConflict", "ConditionalCheckFailed"))
    with pytest.raises(Cancelled):
        await transact(dynamodb, [put("a"), put("b")])  # type: ignore[arg-type]
    assert dynamodb.calls == ["transact_write_items"]


async def test_what_never_passes_is_raised_at_once() -> None:
    dynamodb = FakeDynamoDb()
    dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    with pytest.raises(ClientError):
        await transact(dynamodb, [put("a")])  # type: ignore[arg-type]
    assert len(dynamodb.calls) == 1


async def test_a_success_whose_answer_was_lost_is_a_success() -> None:
    dynamodb = ForgetfulDynamoDb()
    await transact(dynamodb, [put("a", **NEW)])  # type: ignore[arg-type]
    assert len(dynamodb.items(TABLE)) == 1


async def test_two_transactions_of_the_same_writes_are_two() -> None:
    dynamodb = FakeDynamoDb()
    await transact(dynamodb, [put("a", **NEW)])  # type: ignore[arg-type]
    with pytest.raises(Cancelled):
        await transact(dynamodb, [put("a", **NEW)])  # type: ignore[arg-type]
