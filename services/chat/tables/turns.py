"""Turns: items `TURN#<id>/META`. Every change of a running turn is conditional on its attempt."""

from collections.abc import Collection
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from services.chat.domain import Turn
from shared.aws import from_item, to_item, to_value
from shared.aws.batch_delete import delete_all
from shared.aws.errors import AWS_ERRORS, existing_item, is_condition_failed
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1
_MAX_KEYS_PER_READ = 100
_RUNNING = "#state = :running AND attempt = :attempt"
_NAMES = {"#state": "state"}


class Turns:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def get(self, turn_id: str) -> Turn | None:
        response = await self._dynamodb.get_item(TableName=self._table, Key=_key(turn_id), ConsistentRead=True)
        return _read(response["Item"]) if "Item" in response else None

    async def get_many(self, turn_ids: Collection[str]) -> list[Turn]:
        """Return the turns that exist, in any order; one request for each hundred ids."""
        remaining, turns = list(turn_ids), []
        while remaining:
            keys = [_key(turn_id) for turn_id in remaining[:_MAX_KEYS_PER_READ]]
            response = await self._dynamodb.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
            turns += [_read(item) for item in response["Responses"].get(self._table, [])]
            unprocessed: dict[str, Any] = dict(response.get("UnprocessedKeys", {}))
            again = [key["pk"]["S"].removeprefix("TURN#") for key in unprocessed.get(self._table, {}).get("Keys", [])]
            remaining = remaining[_MAX_KEYS_PER_READ:] + again
        return turns

    def put_new(self, turn: Turn) -> Write:
        """Write a new turn. The condition fails if the id exists."""
        item = _key(turn.id) | to_item(turn.model_dump(mode="json") | {"v": VERSION})
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def ended(self, turn: Turn) -> Write:
        """Write the ended turn. The condition: it still runs in this attempt."""
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

    def check_runs(self, turn: Turn) -> Write:
        """Write nothing. The condition: the turn still runs in this attempt."""
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _key(turn.id),
                "ConditionExpression": _RUNNING,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": to_item({":running": "running", ":attempt": turn.attempt}),
            }
        }

    async def renew(self, turn_id: str, attempt: int, lease_until: int) -> bool:
        """Renew the lease until `lease_until` (epoch ms); False if the turn does not run in this attempt any more."""
        changed = await self._change(
            turn_id,
            "SET lease_until = :until",
            _RUNNING,
            {":until": lease_until, ":running": "running", ":attempt": attempt},
        )
        return changed is not None

    async def claim(self, turn: Turn, lease_until: int) -> Turn | None:
        """Raise the attempt and take the lease; return the claimed turn, or None if another process was faster.

        The condition: state, attempt and lease are those of `turn`. A lease that has run out counts as a takeover,
        because its runner died. If the response of a claim is lost, the retry recognises the claim by its random mark.
        """
        return await self._change(
            turn.id,
            "SET attempt = :next, takeovers = :takeovers, lease_until = :until, #state = :running, claim = :claim",
            "#state = :state AND attempt = :attempt AND lease_until = :seen",
            {
                ":claim": token_hex(8),
                ":next": turn.attempt + 1,
                ":takeovers": turn.takeovers + bool(turn.lease_until),
                ":until": lease_until,
                ":seen": turn.lease_until,
                ":running": "running",
                ":state": turn.state,
                ":attempt": turn.attempt,
            },
        )

    async def hand_over(self, turn_id: str, attempt: int) -> bool:
        """Release the lease, so that any process can claim the turn at once; False as in `renew`."""
        return await self.renew(turn_id, attempt, 0)

    def awaiting_tools(self, turn: Turn) -> Write:
        """Let the turn wait for its tools, without a lease. The condition: it still runs in this attempt."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(turn.id),
                "UpdateExpression": "SET #state = :awaiting, lease_until = :no_lease",
                "ConditionExpression": _RUNNING,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": to_item(
                    {":awaiting": "awaiting_tools", ":no_lease": 0, ":running": "running", ":attempt": turn.attempt}
                ),
            }
        }

    async def request_cancel(self, turn_id: str) -> Turn | None:
        """Set the flag that makes the turn's runner stop; return the turn, or None if it has ended."""
        return await self._change(
            turn_id,
            "SET cancel_requested = :yes",
            "#state IN (:running, :awaiting)",
            {":yes": True, ":running": "running", ":awaiting": "awaiting_tools"},
        )

    async def erase(self, turn_id: str) -> None:
        """Delete the turn with its invocations and tool rounds, over all pages."""
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
            response = await self._dynamodb.update_item(
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
            standing = existing_item(error) or {}
            is_own_claim = ":claim" in values and standing.get("claim") == to_value(values[":claim"])
            return _read(standing) if is_own_claim else None
        return _read(response["Attributes"])


def _key(turn_id: str) -> dict[str, Any]:
    return to_item({"pk": f"TURN#{turn_id}", "sk": "META"})


def _read(item: Any) -> Turn:
    return Turn.model_validate(from_item(item))
