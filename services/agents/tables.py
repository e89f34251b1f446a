"""Agents' table.

`CALL#<id>/CALL` the record of a call, kept 30 days · `CALL#<id>/ANSWER` the answer to a turn's call, kept a day, so
that it can be sent again · `TURN#<id>/CANCELLED` the turn was cancelled, kept a day · `OUTBOX#…`
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from services.agents.domain import ToolCall
from shared.aws import from_item, to_item
from shared.clock import Clock, epoch_seconds
from shared.events.commands import AnswerToolCall
from shared.events.envelope import Envelope
from shared.persistence.transactions import Conflict, Write
from shared.persistence.unit_of_work import Notify, UnitOfWork

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

RETENTION_S: Final = 30 * 24 * 3600
ANSWER_RETENTION_S: Final = 24 * 3600
CANCELLED_RETENTION_S: Final = 24 * 3600
"""Longer than any call may take."""
_ITEM_VERSION: Final = 1


class TurnCancelledError(Exception):
    """The turn of this call was cancelled."""


class CallTakenOverError(Exception):
    """Another process executes the call, or has ended it."""


class CallsTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, notify: Notify, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._notify = notify
        self._clock = clock

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self._dynamodb, self._table, self._notify)

    async def get(self, call_id: str) -> ToolCall | None:
        item = await self._get(_call_key(call_id))
        return ToolCall.model_validate(item) if item else None

    async def put(self, call: ToolCall) -> None:
        await self._dynamodb.put_item(TableName=self._table, Item=_call_item(call))

    async def claim(self, call: ToolCall, previous: ToolCall | None = None) -> ToolCall | None:
        """Record that this process executes the call. If another one has claimed it, return the record of that claim.

        `previous`: a claim whose lease has run out, to be replaced. Raises TurnCancelledError.
        """
        put: dict[str, Any] = {
            "TableName": self._table,
            "Item": _call_item(call),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if previous:
            put |= _held_by(previous)
        not_cancelled: Write = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _cancelled_key(call.turn_id or ""),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
        uow = self.begin()
        uow.put("call", {"Put": put})
        uow.put("turn", not_cancelled)
        try:
            await uow.commit()
        except Conflict as conflict:
            if "turn" in conflict.names:
                raise TurnCancelledError from None
            return ToolCall.model_validate(conflict.item("call"))
        return None

    async def end(self, call: ToolCall, answer: AnswerToolCall, event: Envelope) -> None:
        """Store the end of the call, its answer and its event. Raises CallTakenOverError."""
        record = {"TableName": self._table, "Item": _call_item(call), **_held_by(call)}
        item = {"answer": answer.model_dump_json(), "ttl": self._ttl(ANSWER_RETENTION_S), "v": _ITEM_VERSION}
        uow = self.begin()
        uow.put("call", {"Put": record})
        uow.put("answer", {"Put": {"TableName": self._table, "Item": _answer_key(call.id) | to_item(item)}})
        uow.emit(event)
        try:
            await uow.commit()
        except Conflict:
            raise CallTakenOverError from None

    async def answer(self, call_id: str) -> AnswerToolCall | None:
        """The answer to a call that has ended; None when it is no longer kept."""
        item = await self._get(_answer_key(call_id))
        if item is None or item["ttl"] <= self._ttl(0):
            return None
        return AnswerToolCall.model_validate_json(item["answer"])

    async def cancel(self, turn_id: str, ended_at: datetime) -> None:
        """Mark the turn as cancelled: from now on no call of it is started."""
        item = {"ttl": epoch_seconds(ended_at) + CANCELLED_RETENTION_S, "v": _ITEM_VERSION}
        await self._dynamodb.put_item(TableName=self._table, Item=_cancelled_key(turn_id) | to_item(item))

    async def _get(self, key: dict[str, Any]) -> dict[str, Any] | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _ttl(self, seconds: int) -> int:
        return epoch_seconds(self._clock.now()) + seconds


def _held_by(call: ToolCall) -> dict[str, Any]:
    return {
        "ConditionExpression": "#state = :running AND attempt = :attempt",
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": to_item({":running": "running", ":attempt": call.attempt}),
    }


def _call_item(call: ToolCall) -> dict[str, Any]:
    ttl = epoch_seconds(call.started_at) + RETENTION_S
    return _call_key(call.id) | to_item(call.model_dump(mode="json") | {"ttl": ttl, "v": _ITEM_VERSION})


def _call_key(call_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CALL#{call_id}", "sk": "CALL"})


def _answer_key(call_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CALL#{call_id}", "sk": "ANSWER"})


def _cancelled_key(turn_id: str) -> dict[str, Any]:
    return to_item({"pk": f"TURN#{turn_id}", "sk": "CANCELLED"})
