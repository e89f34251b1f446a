"""Reads and deletes the outbox rows of a table, for the relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.aws.items import to_value
from shared.events.outbox import rows as outbox
from shared.events.outbox.bus import Row

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PAGE: Final = 500
_MAX_PER_DELETE: Final = 25


class OutboxRows:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def pages(self, shard: int) -> AsyncIterator[list[Row]]:
        """The shard's rows, oldest first, in pages of at most 500 rows and 1 MB."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": to_value(outbox.partition(shard))},
            "Limit": _PAGE,
        }
        while True:
            answer = await self._dynamodb.query(**query)
            if items := answer["Items"]:
                yield [Row.from_item(item) for item in items]
            if not (last := answer.get("LastEvaluatedKey")):
                return
            query["ExclusiveStartKey"] = last

    async def delete(self, rows: Sequence[Row]) -> None:
        """Delete rows. Rows that DynamoDB leaves unprocessed stay and are published again."""
        batches = [rows[start : start + _MAX_PER_DELETE] for start in range(0, len(rows), _MAX_PER_DELETE)]
        await asyncio.gather(*(self._delete(batch) for batch in batches))

    async def _delete(self, batch: Sequence[Row]) -> None:
        keys = [{"DeleteRequest": {"Key": outbox.key(row.event_id)}} for row in batch]
        await self._dynamodb.batch_write_item(RequestItems={self._table: keys})  # type: ignore[dict-item]
