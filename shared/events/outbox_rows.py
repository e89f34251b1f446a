"""The relay's view of a table's outbox: read what waits, delete what is told."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.aws.items import to_value
from shared.events import outbox
from shared.events.bus import Row

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PAGE: Final = 100
_MOST_PER_DELETE: Final = 25


class OutboxRows:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def pages(self, shard: int) -> AsyncIterator[list[Row]]:
        """The shard's rows, oldest first, at most 100 in memory."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": to_value(outbox.partition(shard))},
            "Limit": _PAGE,
        }
        while True:
            answer = await self._dynamodb.query(**query)
            if items := answer["Items"]:
                yield [Row(item["sk"]["S"], item.get("envelope", {}).get("S", "")) for item in items]
            if not (last := answer.get("LastEvaluatedKey")):
                return
            query["ExclusiveStartKey"] = last

    async def delete(self, rows: Sequence[Row]) -> None:
        """What DynamoDB leaves unprocessed stays, and is told once more."""
        for start in range(0, len(rows), _MOST_PER_DELETE):
            await self._dynamodb.batch_write_item(
                RequestItems={
                    self._table: [
                        {"DeleteRequest": {"Key": outbox.key(row.event_id)}}
                        for row in rows[start : start + _MOST_PER_DELETE]
                    ]
                }
            )
