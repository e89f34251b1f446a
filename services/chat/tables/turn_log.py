"""The turn log: items `TURN#<id>/<seq>`, one per frame, in their own table. The condition of their put is the fence."""

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
    """Another attempt wrote a frame at this place of the log, so this process no longer runs the turn."""


class TurnLog:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._puts = BatchedPuts(dynamodb)
        self._table = table
        self._clock = clock

    async def append(self, turn_id: str, frame: Frame, *, at_once: bool = False) -> None:
        """Write the frame. Raises FencedError when another attempt has written at its place.

        `at_once`: do not wait for the flush interval; used for the first text of an attempt. If the response of a put
        is lost, the retry finds this very frame at its place: then it was written.
        """
        put = {**self.put(turn_id, frame)["Put"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        standing = await self._puts.put(turn_id, put, at_once=at_once)
        if standing is not None and _read(standing) != frame:
            raise FencedError(turn_id)

    def put(self, turn_id: str, frame: Frame) -> Write:
        """Write the frame within a transaction. The condition, which is the fence, fails if its place is taken."""
        item = {
            "pk": f"TURN#{turn_id}",
            "sk": _sort_key(frame.seq),
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
        """Whether the log has exactly this frame at its place."""
        key = to_item({"pk": f"TURN#{turn_id}", "sk": _sort_key(frame.seq)})
        response = await self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return "Item" in response and _read(response["Item"]) == frame

    async def after(self, turn_id: str, seq: int) -> Sequence[Frame]:
        """Return the frames after `seq`, in order, up to the first gap or expired frame; empty if there are none."""
        frames: list[Frame] = []
        now = epoch_seconds(self._clock.now())
        async for page in self._pages(turn_id, seq):
            for item in page["Items"]:
                frame = _read(item)
                if frame.seq != seq + len(frames) + 1 or int(item["ttl"]["N"]) <= now:
                    return frames
                frames.append(frame)
        return frames

    async def erase(self, turn_id: str) -> None:
        """Delete all frames, also after a gap, which an interrupted erasure or expired frames leave."""
        async for page in self._pages(turn_id, 0):
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
            await delete_all(self._dynamodb, self._table, keys)

    def _pages(self, turn_id: str, seq: int) -> "AsyncIterator[QueryOutputTypeDef]":
        return self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk > :seq",
            ExpressionAttributeValues=to_item({":pk": f"TURN#{turn_id}", ":seq": _sort_key(seq)}),
            ConsistentRead=True,
        )


def _sort_key(seq: int) -> str:
    return f"{seq:08d}"


def _read(item: Any) -> Frame:
    data = from_item(item)
    return Frame(int(data["sk"]), data["event"], data["data"], data["attempt"])
