"""Invocations: `TURN#<turn>/INV#<id>`, beside their turn, so that whoever finds a dead turn finds what it owes."""

from typing import TYPE_CHECKING, Any

from services.chat.domain import Invocation
from shared.aws import from_item, to_item
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1


class Invocations:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def of_turn(self, turn_id: str) -> list[Invocation]:
        """All of them, by id; one read per megabyte."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"TURN#{turn_id}", ":prefix": "INV#"}),
            ConsistentRead=True,
        )
        return [_read(item) async for page in pages for item in page["Items"]]

    def put(self, invocation: Invocation) -> Write:
        """The invocation in its revision: the first when none stands there, later ones in place of an earlier one."""
        item = to_item(
            {"pk": f"TURN#{invocation.turn_id}", "sk": f"INV#{invocation.id}", "v": VERSION}
            | invocation.model_dump(mode="json")
        )
        put: Write = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        if invocation.revision > 1:
            put |= {
                "ConditionExpression": "revision < :revision",
                "ExpressionAttributeValues": to_item({":revision": invocation.revision}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        return {"Put": put}


def _read(item: Any) -> Invocation:
    return Invocation.model_validate(from_item(item))
