"""Ingest's table.

`BOT#<id>/BOT` the projection of a bot, with the number of its sources · `BOT#<id>/SOURCE#<id>` · `USER#<sub>/IDEM#…`
"""

from typing import TYPE_CHECKING, Any, Final

from services.ingest.domain import SOURCES_PER_BOT, KnownBot, Source
from shared.aws import from_item, to_item
from shared.aws.errors import AWS_ERRORS, is_condition_failed
from shared.aws.items import Item
from shared.clock import Clock
from shared.persistence.idempotency import IdempotencyItems
from shared.persistence.pages import query_page
from shared.persistence.requests import Page, PageRequest
from shared.persistence.transactions import Write
from shared.persistence.unit_of_work import Notify, UnitOfWork

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ITEM_VERSION: Final = 1
_STATE: Final = {"#state": "state"}


class IngestTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, notify: Notify, clock: Clock) -> None:
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self._dynamodb = dynamodb
        self._table = table
        self._notify = notify

    async def bot(self, bot_id: str) -> KnownBot | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=_bot_key(bot_id), ConsistentRead=True)
        return KnownBot.model_validate(from_item(answer["Item"])) if "Item" in answer else None

    async def upsert_bot(self, bot_id: str, owner_id: str, version: int) -> None:
        """Store the bot as live, unless a later version is stored."""
        await self._update_bot(
            bot_id, "SET owner_id = :owner, bot_version = :version, #state = :state, v = :v",
            {":owner": owner_id, ":version": version, ":state": "live", ":v": _ITEM_VERSION},
        )  # fmt: skip

    async def remove_bot(self, bot_id: str, owner_id: str, version: int, ttl: int) -> None:
        """Store the bot as deleted; from then on no source can be added to it. `ttl`: epoch seconds."""
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

    async def page(self, bot_id: str, request: PageRequest) -> Page[Source]:
        """The bot's sources, the first registered first."""
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": f"BOT#{bot_id}", ":prefix": "SOURCE#"}),
        }
        return await query_page(self._dynamodb, query, request, _read_source)

    async def erase(self, source: Source) -> None:
        await self._dynamodb.delete_item(TableName=self._table, Key=_source_key(source.bot_id, source.id))

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self._dynamodb, self._table, self._notify)

    def add(self, uow: UnitOfWork, owner_id: str, source: Source) -> None:
        """The write `bot` fails when the bot is not the owner's, is deleted, or has as many sources as it may have."""
        below_limit = " AND (attribute_not_exists(sources) OR sources < :most)"
        item = _source_key(source.bot_id, source.id) | to_item(source.model_dump(mode="json") | {"v": _ITEM_VERSION})
        uow.put("bot", self._count(source.bot_id, owner_id, 1, below_limit, {":most": SOURCES_PER_BOT}))
        uow.put("source", {"Put": {"TableName": self._table, "Item": item}})

    def remove(self, uow: UnitOfWork, owner_id: str, bot_id: str, source_id: str) -> None:
        """Both writes fail when there is no such source of a bot of this owner."""
        source: Write = {
            "Delete": {
                "TableName": self._table,
                "Key": _source_key(bot_id, source_id),
                "ConditionExpression": "attribute_exists(pk)",
            }
        }
        uow.put("bot", self._count(bot_id, owner_id, -1))
        uow.put("source", source)

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
        except AWS_ERRORS as error:
            if not is_condition_failed(error):
                raise


def _read_source(item: Item) -> Source:
    return Source.model_validate(from_item(item))


def _bot_key(bot_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": "BOT"})


def _source_key(bot_id: str, source_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": f"SOURCE#{source_id}"})
