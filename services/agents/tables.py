"""Agents' table: `CALL#<id>/CALL`, kept 30 days."""

from typing import TYPE_CHECKING, Any, Final

from services.agents.domain import ToolCall
from shared.aws import from_item, to_item
from shared.clock import epoch_seconds

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

KEPT_S: Final = 30 * 24 * 3600
_ITEM_VERSION: Final = 1


class CallsTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def get(self, call_id: str) -> ToolCall | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_key(call_id), ConsistentRead=True)
        return ToolCall.model_validate(from_item(answer["Item"])) if "Item" in answer else None

    async def put(self, call: ToolCall) -> None:
        ttl = epoch_seconds(call.started_at) + KEPT_S
        item = _key(call.id) | to_item(call.model_dump(mode="json") | {"ttl": ttl, "v": _ITEM_VERSION})
        await self._dynamodb.put_item(TableName=self._table, Item=item)


def _key(call_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CALL#{call_id}", "sk": "CALL"})
