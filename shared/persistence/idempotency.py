"""What was done under an Idempotency-Key: `USER#<sub>/IDEM#<digest of operation and key>`, kept 24 hours."""

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from shared.aws.items import from_item, to_item
from shared.clock import Clock, epoch_seconds
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

KEPT_S: Final = 24 * 3600


class KeyReusedError(Exception):
    """The key came before, with another body."""


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that must have its effect once: who asks for what operation, under which key, with which body."""

    owner_id: str
    operation: str
    key: str
    body_hash: str


class Done(BaseModel):
    """`body` is the hash of what was asked, `made` the id of what came of it."""

    body: str
    made: str


class IdempotencyItems:
    """Rows of a service's own table."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    async def made(self, once: IdempotentRequest) -> str | None:
        """Id of what this request has made before; None when it is new. Raises KeyReusedError."""
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_key(once), ConsistentRead=True)
        if "Item" not in answer or int(answer["Item"]["ttl"]["N"]) <= epoch_seconds(self._clock.now()):
            return None
        done = Done.model_validate(from_item(answer["Item"]))
        if done.body != once.body_hash:
            raise KeyReusedError
        return done.made

    def put_new(self, once: IdempotentRequest, made: str) -> Write:
        """For the transaction of the effect; its condition fails when somebody else was first."""
        now = epoch_seconds(self._clock.now())
        done = Done(body=once.body_hash, made=made)
        return {
            "Put": {
                "TableName": self._table,
                "Item": _key(once) | to_item(done.model_dump() | {"ttl": now + KEPT_S, "v": 1}),
                "ConditionExpression": "attribute_not_exists(pk) OR #ttl <= :now",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": to_item({":now": now}),
            }
        }


def _key(once: IdempotentRequest) -> dict[str, Any]:
    digest = sha256(f"{once.operation}\0{once.key}".encode()).hexdigest()
    return to_item({"pk": f"USER#{once.owner_id}", "sk": f"IDEM#{digest}"})
