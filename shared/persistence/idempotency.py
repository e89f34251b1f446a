"""Idempotent requests: remembers for 24 hours what a request with an `Idempotency-Key` has created.

Rows of the service's own table: `USER#<sub>/IDEM#<digest of operation and key>`.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from shared.aws.items import from_item, to_item
from shared.clock import Clock, epoch_seconds
from shared.persistence.requests import IdempotentRequest
from shared.persistence.transactions import Conflict, Write
from shared.problems import Problem, problem

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

T = TypeVar("T")

RETENTION_S: Final = 24 * 3600


class IdempotencyRecord(BaseModel):
    """`body` is the hash of the request's body, `made` the id of what the request created."""

    body: str
    made: str


class IdempotencyItems:
    """The idempotency records in one table of a service."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    async def create_once(
        self,
        request: IdempotentRequest | None,
        *,
        find: Callable[[str], Awaitable[T]],
        create: Callable[[], Awaitable[T]],
    ) -> T:
        """Call `create`, or `find` the result by its id when an earlier send of the same request has created it.

        `create` commits `record(request, id)` with its other writes, so that of two simultaneous sends one fails and
        finds the result of the other. Without a request, `create` is called and nothing is remembered.
        Raises `idempotency-key-reused` when the key came with another body, and what `create` and `find` raise.
        """
        if request is None:
            return await create()
        if (earlier := await self._result_id(request)) is not None:
            return await find(earlier)
        try:
            return await create()
        except (Conflict, Problem):
            if (earlier := await self._result_id(request)) is not None:
                return await find(earlier)
            raise

    def record(self, request: IdempotentRequest, result_id: str) -> Write:
        """A write for the unit of work that creates the result; its condition fails when another send was first."""
        now = epoch_seconds(self._clock.now())
        record = IdempotencyRecord(body=request.body_hash, made=result_id)
        return {
            "Put": {
                "TableName": self._table,
                "Item": _key(request) | to_item(record.model_dump() | {"ttl": now + RETENTION_S, "v": 1}),
                "ConditionExpression": "attribute_not_exists(pk) OR #ttl <= :now",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": to_item({":now": now}),
            }
        }

    async def _result_id(self, request: IdempotentRequest) -> str | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_key(request), ConsistentRead=True)
        if "Item" not in answer or int(answer["Item"]["ttl"]["N"]) <= epoch_seconds(self._clock.now()):
            return None
        record = IdempotencyRecord.model_validate(from_item(answer["Item"]))
        if record.body != request.body_hash:
            raise problem("idempotency-key-reused")
        return record.made


def _key(request: IdempotentRequest) -> dict[str, Any]:
    digest = sha256(f"{request.operation}\0{request.key}".encode()).hexdigest()
    return to_item({"pk": f"USER#{request.subject}", "sk": f"IDEM#{digest}"})
