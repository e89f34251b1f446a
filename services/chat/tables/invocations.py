"""Invocations: items `TURN#<turn>/INV#<id>`, beside their turn, so that a takeover finds those that are still open."""

from typing import TYPE_CHECKING, Any

from shared.aws import from_item, to_item
from shared.llm.invocation import Invocation
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1


class Invocations:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def of_turn(self, turn_id: str) -> list[Invocation]:
        """Return the turn's invocations, ordered by id; one query for each megabyte."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"TURN#{turn_id}", ":prefix": "INV#"}),
            ConsistentRead=True,
        )
        return [_read(item) async for page in pages for item in page["Items"]]

    def put(self, invocation: Invocation) -> Write:
        """Write a revision. The condition: the first creates the item, a later one replaces a lower revision.

        When the condition of a later one fails, the conflict carries the stored item, if there is one.
        """
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
