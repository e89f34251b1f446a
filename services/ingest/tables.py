"""Ingest's table.

`BOT#<id>/BOT` what is known of a bot, with the number of its sources · `BOT#<id>/SOURCE#<id>` · `USER#<sub>/IDEM#…`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from services.ingest.domain import SOURCES_PER_BOT, KnownBot, Source
from shared.aws import from_item, to_item
from shared.clock import Clock
from shared.persistence.idempotency import IdempotencyItems
from shared.persistence.transactions import Write, transact

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ITEM_VERSION: Final = 1
_STATE: Final = {"#state": "state"}


@dataclass(frozen=True)
class PageOfSources:
    items: list[Source]
    last: str | None
    """Where the next page goes on; None on the last one."""


class IngestTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self._dynamodb = dynamodb
        self._table = table

    async def bot(self, bot_id: str) -> KnownBot | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_bot_key(bot_id), ConsistentRead=True)
        return KnownBot.model_validate(from_item(answer["Item"])) if "Item" in answer else None

    async def upsert_bot(self, bot_id: str, owner_id: str, version: int) -> None:
        """The bot lives, unless a later version is known."""
        await self._update_bot(
            bot_id, "SET owner_id = :owner, bot_version = :version, #state = :state, v = :v",
            {":owner": owner_id, ":version": version, ":state": "live", ":v": _ITEM_VERSION},
        )  # fmt: skip

    async def remove_bot(self, bot_id: str, owner_id: str, version: int, ttl: int) -> None:
        """The bot is gone, and nobody can add a source to it any more. `ttl`: epoch seconds."""
        await self._update_bot(
            bot_id,
            "SET owner_id = :owner, bot_version = :version, #state = :state, v = :v, #ttl = :ttl REMOVE sources",
            {":owner": owner_id, ":version": version, ":state": "deleted", ":v": _ITEM_VERSION, ":ttl": ttl},
            {"#ttl": "ttl"},
        )

    async def source(self, bot_id: str, source_id: str) -> Source | None:
        answer = await self._dynamodb.get_item(
            TableName=self._table, Key=_source_key(bot_id, source_id), ConsistentRead=True
        )
        return Source.model_validate(from_item(answer["Item"])) if "Item" in answer else None

    async def page(self, bot_id: str, limit: int, after: str | None = None) -> PageOfSources:
        """The bot's sources, the first made first."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": f"BOT#{bot_id}", ":prefix": "SOURCE#"}),
            "Limit": limit,
            "ConsistentRead": True,
        }
        if after:
            query["ExclusiveStartKey"] = to_item({"pk": f"BOT#{bot_id}", "sk": after})
        answer = await self._dynamodb.query(**query)
        last = answer["LastEvaluatedKey"]["sk"]["S"] if "LastEvaluatedKey" in answer else None
        return PageOfSources([Source.model_validate(from_item(item)) for item in answer["Items"]], last)

    async def erase(self, source: Source) -> None:
        await self._dynamodb.delete_item(TableName=self._table, Key=_source_key(source.bot_id, source.id))

    async def commit(self, writes: Sequence[Write]) -> None:
        """All or nothing. Raises Cancelled."""
        await transact(self._dynamodb, writes)

    def added(self, owner_id: str, source: Source) -> list[Write]:
        """The first write fails when the bot is not the owner's, is gone, or has as many sources as it may have."""
        room = " AND (attribute_not_exists(sources) OR sources < :most)"
        count = self._count(source.bot_id, owner_id, 1, room, {":most": SOURCES_PER_BOT})
        item = _source_key(source.bot_id, source.id) | to_item(source.model_dump(mode="json") | {"v": _ITEM_VERSION})
        return [count, {"Put": {"TableName": self._table, "Item": item}}]

    def removed(self, owner_id: str, bot_id: str, source_id: str) -> list[Write]:
        """Both writes fail when there is no such source of a bot of this owner."""
        gone: Write = {
            "Delete": {
                "TableName": self._table,
                "Key": _source_key(bot_id, source_id),
                "ConditionExpression": "attribute_exists(pk)",
            }
        }
        return [self._count(bot_id, owner_id, -1), gone]

    def _count(
        self, bot_id: str, owner_id: str, change: int, also: str = "", values: dict[str, object] | None = None
    ) -> Write:
        return {
            "Update": {
                "TableName": self._table,
                "Key": _bot_key(bot_id),
                "UpdateExpression": "ADD sources :change",
                "ConditionExpression": f"owner_id = :owner AND #state = :live{also}",
                "ExpressionAttributeNames": _STATE,
                "ExpressionAttributeValues": to_item(
                    {":change": change, ":owner": owner_id, ":live": "live", **(values or {})}
                ),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    async def _update_bot(
        self, bot_id: str, update: str, values: dict[str, object], names: dict[str, str] | None = None
    ) -> None:
        try:
            await self._dynamodb.update_item(
                TableName=self._table,
                Key=_bot_key(bot_id),
                UpdateExpression=update,
                ConditionExpression="attribute_not_exists(pk) OR bot_version < :version",
                ExpressionAttributeNames=_STATE | (names or {}),
                ExpressionAttributeValues=to_item(values),
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise


def _bot_key(bot_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": "BOT"})


def _source_key(bot_id: str, source_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": f"SOURCE#{source_id}"})
