"""Pages: limited by count and bytes, complete, in order, and without a next position after the last item."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.aws import from_item, to_item
from shared.persistence.pages import query_page
from shared.persistence.requests import PageRequest
from tests.fakes.dynamodb import FakeDynamoDb

TABLE = "t"


async def table_of(count: int, text: str = "") -> FakeDynamoDb:
    dynamodb = FakeDynamoDb()
    for number in range(count):
        item = to_item({"pk": "USER#ann", "sk": f"BOT#{number:03d}", "n": number, "text": text})
        await dynamodb.put_item(TableName=TABLE, Item=item)
    await dynamodb.put_item(TableName=TABLE, Item=to_item({"pk": "USER#ann", "sk": "OTHER#1", "n": -1}))
    return dynamodb


def query(**changed: Any) -> dict[str, Any]:
    values = to_item({":pk": "USER#ann", ":prefix": "BOT#"})
    condition = "pk = :pk AND begins_with(sk, :prefix)"
    return {"TableName": TABLE, "KeyConditionExpression": condition, "ExpressionAttributeValues": values, **changed}


async def pages(dynamodb: FakeDynamoDb, limit: int, most_bytes: int = 10**6, **changed: Any) -> list[list[int]]:
    found, position = [], None
    for _ in range(100):
        request = PageRequest(limit, position)
        page = await query_page(
            dynamodb,  # type: ignore[arg-type]
            query(**changed),
            request,
            lambda item: int(from_item(item)["n"]),
            most_bytes=most_bytes,
        )
        found.append(page.items)
        position = page.next_position
        if position is None:
            return found
    raise AssertionError("the pages never end")


async def test_pages_have_at_most_the_limit_and_the_last_has_no_next_position() -> None:
    assert await pages(await table_of(5), 2) == [[0, 1], [2, 3], [4]]
    assert await pages(await table_of(4), 2) == [[0, 1], [2, 3]]
    assert await pages(await table_of(0), 2) == [[]]


async def test_the_query_can_reverse_the_order() -> None:
    assert await pages(await table_of(3), 2, ScanIndexForward=False) == [[2, 1], [0]]


async def test_large_items_make_short_pages_with_at_least_one_item() -> None:
    dynamodb = await table_of(3, "x" * 1000)
    assert await pages(dynamodb, 10, most_bytes=2500) == [[0, 1], [2]]
    assert await pages(dynamodb, 10, most_bytes=10) == [[0], [1], [2]]


@given(count=st.integers(0, 12), limit=st.integers(1, 5), most_bytes=st.sampled_from([1, 100, 10**6]))
async def test_every_item_is_returned_once_and_in_order(count: int, limit: int, most_bytes: int) -> None:
    found = await pages(await table_of(count), limit, most_bytes)
    assert [each for page in found for each in page] == list(range(count))
    assert all(len(page) <= limit for page in found)


async def test_a_position_is_a_key_without_its_partition() -> None:
    page = await query_page(await table_of(3), query(), PageRequest(1), from_item)  # type: ignore[arg-type]
    assert page.next_position == {"sk": "BOT#000"}


@pytest.mark.parametrize("page_items", [1, 2])
async def test_short_pages_of_the_table_do_not_end_a_page(page_items: int) -> None:
    dynamodb = await table_of(5)
    dynamodb.page_items = page_items
    assert await pages(dynamodb, 3) == [[0, 1, 2], [3, 4]]
