"""Pages of lists: queries a table by the limit and position of a request, and returns items and the next position.

HTTP wraps a position in a signed cursor (`shared/http/wire/pages.py`); tables only see positions.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from shared.aws.items import Item, item_bytes
from shared.persistence.requests import Page, PageRequest, Position
from shared.problems import problem

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

T = TypeVar("T")

MOST_BYTES: Final = 4 * 1024 * 1024


async def query_page(
    dynamodb: "DynamoDBClient",
    query: Mapping[str, Any],
    request: PageRequest,
    parse: Callable[[Item], T],
    *,
    keys: tuple[str, ...] = ("sk",),
    most_bytes: int = MOST_BYTES,
) -> Page[T]:
    """The items of `query` after the request's position: at most its limit, and at most about `most_bytes`.

    `query`: arguments of DynamoDB's Query whose `:pk` is the partition key's value; the read is consistent unless they
    set ConsistentRead. `keys`: the sort key of the table, and of the index when the query names one. A page has at
    least one item when there is one. Raises `invalid-cursor` for a position of another list, and what the client
    raises.
    """
    partition = query["ExpressionAttributeValues"][":pk"]
    position = request.position
    if position is not None and set(position) != set(keys):  # a cursor of an earlier release
        raise problem("invalid-cursor")
    items: list[Item] = []
    size = 0
    while True:
        start = {"ExclusiveStartKey": _start_key(partition, position)} if position else {}
        wanted = request.limit + 1 - len(items)  # one more item tells whether there is a next page
        answer: Any = await dynamodb.query(**{"ConsistentRead": True, **query, **start, "Limit": wanted})
        for item in answer["Items"]:
            size += item_bytes(item)
            if items and (len(items) == request.limit or size > most_bytes):
                return Page([parse(each) for each in items], _position(items[-1], keys))
            items.append(item)
        if "LastEvaluatedKey" not in answer:
            return Page([parse(each) for each in items])
        position = _position(answer["LastEvaluatedKey"], keys)


def _start_key(partition: Any, position: Position) -> Item:
    return {"pk": partition} | {name: {"S": value} for name, value in position.items()}


def _position(item: Mapping[str, Any], keys: tuple[str, ...]) -> Position:
    return {name: item[name]["S"] for name in keys}
