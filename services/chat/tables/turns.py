"""Turns: `TURN#<id>/META`. Every change of a running turn is conditional on its attempt."""

from collections.abc import Collection
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from services.chat.domain import NO_LEASE, Turn
from shared.aws import from_item, to_item, to_value
from shared.aws.batch_delete import delete_all
from shared.aws.errors import AWS_ERRORS, existing_item, is_condition_failed
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1
_MOST_PER_READ = 100
_RUNNING = "#state = :running AND attempt = :attempt"
_NAMES = {"#state": "state"}


class Turns:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def get(self, turn_id: str) -> Turn | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_key(turn_id), ConsistentRead=True)
        return _read(answer["Item"]) if "Item" in answer else None

    async def get_many(self, turn_ids: Collection[str]) -> list[Turn]:
        """Those of them that exist, in any order; one request per hundred."""
        wanted, found = list(turn_ids), []
        while wanted:
            keys = [_key(turn_id) for turn_id in wanted[:_MOST_PER_READ]]
            answer = await self._dynamodb.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
            found += [_read(item) for item in answer["Responses"].get(self._table, [])]
            left: dict[str, Any] = dict(answer.get("UnprocessedKeys", {}))
            again = [key["pk"]["S"].removeprefix("TURN#") for key in left.get(self._table, {}).get("Keys", [])]
            wanted = wanted[_MOST_PER_READ:] + again
        return found

    def put_new(self, turn: Turn) -> Write:
        item = _key(turn.id) | to_item(turn.model_dump(mode="json") | {"v": VERSION})
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def ended(self, turn: Turn) -> Write:
        """The turn as it has ended, if it still runs in this attempt."""
        item = _key(turn.id) | to_item(turn.model_dump(mode="json") | {"v": VERSION})
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": _RUNNING,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": to_item({":running": "running", ":attempt": turn.attempt}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    async def renew(self, turn_id: str, attempt: int, lease_until: int) -> bool:
        """Keep the turn until `lease_until` (epoch ms); False when it is no longer this attempt's."""
        changed = await self._change(
            turn_id,
            "SET lease_until = :until",
            _RUNNING,
            {":until": lease_until, ":running": "running", ":attempt": attempt},
        )
        return changed is not None

    async def claim(self, turn: Turn, lease_until: int) -> Turn | None:
        """Run it: raise the attempt of a turn that is still as it was seen. None when somebody was faster.

        A lease that has run out counts as a takeover: its runner died. When the answer to a claim was lost, the next
        try finds the claim's own mark.
        """
        return await self._change(
            turn.id,
            "SET attempt = :next, takeovers = :takeovers, lease_until = :until, #state = :running, claim = :claim",
            "#state = :state AND attempt = :attempt AND lease_until = :seen",
            {
                ":claim": token_hex(8),
                ":next": turn.attempt + 1,
                ":takeovers": turn.takeovers + turn.has_lease,
                ":until": lease_until,
                ":seen": turn.lease_until,
                ":running": "running",
                ":state": turn.state,
                ":attempt": turn.attempt,
            },
        )

    async def hand_over(self, turn_id: str, attempt: int) -> bool:
        """Let go of the lease, so that anybody may claim it at once; False when it is no longer this attempt's."""
        return await self.renew(turn_id, attempt, NO_LEASE)

    def awaiting_tools(self, turn: Turn) -> Write:
        """The turn waits for its tools and nobody runs it, if it still runs in this attempt."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(turn.id),
                "UpdateExpression": "SET #state = :awaiting, lease_until = :no_lease",
                "ConditionExpression": _RUNNING,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": to_item(
                    {
                        ":awaiting": "awaiting_tools",
                        ":no_lease": NO_LEASE,
                        ":running": "running",
                        ":attempt": turn.attempt,
                    }
                ),
            }
        }

    async def request_cancel(self, turn_id: str) -> Turn | None:
        """Ask whoever runs it to stop; None when it has ended."""
        return await self._change(
            turn_id,
            "SET cancel_requested = :yes",
            "#state IN (:running, :awaiting)",
            {":yes": True, ":running": "running", ":awaiting": "awaiting_tools"},
        )

    async def erase(self, turn_id: str) -> None:
        """Delete the turn with its invocations and tool rounds, however many pages they fill."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"TURN#{turn_id}"}},
            ProjectionExpression="pk, sk",
            ConsistentRead=True,
        )
        async for page in pages:
            await delete_all(self._dynamodb, self._table, page["Items"])

    async def _change(self, turn_id: str, expression: str, condition: str, values: dict[str, Any]) -> Turn | None:
        try:
            answer = await self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(turn_id),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames=_NAMES,
                ExpressionAttributeValues={name: to_value(value) for name, value in values.items()},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except AWS_ERRORS as error:
            if not is_condition_failed(error):
                raise
            stands = existing_item(error) or {}
            is_mine = ":claim" in values and stands.get("claim") == to_value(values[":claim"])
            return _read(stands) if is_mine else None
        return _read(answer["Attributes"])


def _key(turn_id: str) -> dict[str, Any]:
    return to_item({"pk": f"TURN#{turn_id}", "sk": "META"})


def _read(item: Any) -> Turn:
    return Turn.model_validate(from_item(item))
