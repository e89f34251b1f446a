"""The turn log: `TURN#<id>/<seq>`, one item per frame, in a table of its own. Its conditional put is the fence."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from services.chat.domain import Frame
from services.chat.tables.batched_puts import BatchedPuts
from shared.aws import from_item, to_item
from shared.aws.batch_delete import delete_all
from shared.clock import Clock, epoch_seconds
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import QueryOutputTypeDef

RETENTION_S = 7 * 24 * 3600


class FencedError(Exception):
    """The place in the log is another attempt's: whoever wanted it runs this turn no more."""


class TurnLog:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._puts = BatchedPuts(dynamodb)
        self._table = table
        self._clock = clock

    async def append(self, turn_id: str, frame: Frame, *, at_once: bool = False) -> None:
        """Put the frame at its place. Raises FencedError when the place is taken by another attempt.

        `at_once`: somebody waits for the first word; it waits for no fuller flush.

        A put whose answer was lost comes back as taken by this very attempt: then it had been written.
        """
        put = {**self.put(turn_id, frame)["Put"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        stands = await self._puts.put(turn_id, put, at_once=at_once)
        if stands is not None and _read(stands) != frame:
            raise FencedError(turn_id)

    def put(self, turn_id: str, frame: Frame) -> Write:
        item = {
            "pk": f"TURN#{turn_id}",
            "sk": _place(frame.seq),
            "event": frame.event,
            "data": frame.data,
            "attempt": frame.attempt,
            "ttl": epoch_seconds(self._clock.now()) + RETENTION_S,
            "v": 1,
        }
        return {
            "Put": {"TableName": self._table, "Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}
        }

    async def contains(self, turn_id: str, frame: Frame) -> bool:
        """Whether the frame at this place is of this frame's attempt."""
        key = to_item({"pk": f"TURN#{turn_id}", "sk": _place(frame.seq)})
        answer = await self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return "Item" in answer and _read(answer["Item"]) == frame

    async def after(self, turn_id: str, seq: int) -> Sequence[Frame]:
        """The frames behind `seq`, in order and without a gap; empty when there are none yet (or any more)."""
        frames: list[Frame] = []
        now = epoch_seconds(self._clock.now())
        async for page in self._pages(turn_id, seq):
            for item in page["Items"]:
                found = _read(item)
                if found.seq != seq + len(frames) + 1 or int(item["ttl"]["N"]) <= now:
                    return frames
                frames.append(found)
        return frames

    async def erase(self, turn_id: str) -> None:
        """All of it, also when it has gaps: an erasure may have broken off, or time may have taken some."""
        async for page in self._pages(turn_id, 0):
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
            await delete_all(self._dynamodb, self._table, keys)

    def _pages(self, turn_id: str, seq: int) -> "AsyncIterator[QueryOutputTypeDef]":
        return self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk > :seq",
            ExpressionAttributeValues=to_item({":pk": f"TURN#{turn_id}", ":seq": _place(seq)}),
            ConsistentRead=True,
        )


def _place(seq: int) -> str:
    return f"{seq:08d}"


def _read(item: Any) -> Frame:
    data = from_item(item)
    return Frame(int(data["sk"]), data["event"], data["data"], data["attempt"])
