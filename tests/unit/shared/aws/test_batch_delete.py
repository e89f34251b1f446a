"""Deleting many items: 25 per request, and unprocessed items again."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tenacity import wait_none

from shared.aws import batch_delete
from shared.aws.batch_delete import NotDeletedError, delete_all
from tests.fakes.dynamodb import FakeDynamoDb

TABLE = "t"


class BusyTable(FakeDynamoDb):
    """Deletes one item of each request and leaves the others unprocessed. `is_stuck`: none at all."""

    is_stuck = False

    async def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:  # noqa: N803 - the wire's name
        (writes,) = RequestItems.values()
        done = 0 if self.is_stuck else 1
        for write in writes[:done]:
            await super().batch_write_item(RequestItems={TABLE: [write]})
        return {"UnprocessedItems": {TABLE: writes[done:]} if writes[done:] else {}}


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_delete._delete_batch.retry, "wait", wait_none())  # type: ignore[attr-defined]


async def filled(dynamodb: FakeDynamoDb, count: int) -> list[dict[str, Any]]:
    keys = [{"pk": {"S": "p"}, "sk": {"S": f"{number:03d}"}} for number in range(count)]
    for key in keys:
        await dynamodb.put_item(TableName=TABLE, Item=key)
    return keys


async def test_many_items_are_deleted_25_per_request() -> None:
    dynamodb = FakeDynamoDb()
    keys = await filled(dynamodb, 60)
    await delete_all(dynamodb, TABLE, keys)  # type: ignore[arg-type]
    assert dynamodb.items(TABLE) == []
    assert dynamodb.calls.count("batch_write_item") == 3


async def test_deleting_nothing_makes_no_request() -> None:
    dynamodb = FakeDynamoDb()
    await delete_all(dynamodb, TABLE, [])  # type: ignore[arg-type]
    assert dynamodb.calls == []


async def test_unprocessed_items_are_deleted_by_the_next_attempt() -> None:
    dynamodb = BusyTable()
    keys = await filled(dynamodb, 8)
    await delete_all(dynamodb, TABLE, keys)  # type: ignore[arg-type]
    assert dynamodb.items(TABLE) == []


async def test_items_that_stay_unprocessed_raise_an_error() -> None:
    dynamodb = BusyTable()
    dynamodb.is_stuck = True
    keys = await filled(dynamodb, 2)
    with pytest.raises(NotDeletedError):
        await delete_all(dynamodb, TABLE, keys)  # type: ignore[arg-type]
    assert len(dynamodb.items(TABLE)) == 2
