"""Context records: items `TURN#<id>/CONTEXT`. The first one of a turn is kept."""

from typing import TYPE_CHECKING, Any

from services.chat.domain import ContextRecord
from shared.aws import from_item, to_item
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1


class Contexts:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def get(self, turn_id: str) -> ContextRecord | None:
        response = await self._dynamodb.get_item(TableName=self._table, Key=_key(turn_id), ConsistentRead=True)
        return ContextRecord.model_validate(from_item(response["Item"])) if "Item" in response else None

    def put_new(self, turn_id: str, record: ContextRecord) -> Write:
        """Write the record. The condition fails if the turn has one; the conflict carries it."""
        item = _key(turn_id) | to_item(record.model_dump(mode="json") | {"v": VERSION})
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def _key(turn_id: str) -> dict[str, Any]:
    return to_item({"pk": f"TURN#{turn_id}", "sk": "CONTEXT"})
