"""Bots' table.

`BOT#<id>/HEAD` the current version · `BOT#<id>/VERSION#<n>` each kept version · `USER#<sub>/BOT#<id>` the owner's
list · `USER#<sub>/BOTS` the number of the owner's bots · `USER#<sub>/IDEM#…` · `OUTBOX#…`
"""

from typing import TYPE_CHECKING, Any, Final

from services.bots.domain import BOTS_PER_OWNER, Bot, BotSummary
from shared.aws import from_item, to_item
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


class BotsTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, notify: Notify, clock: Clock) -> None:
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self._dynamodb = dynamodb
        self._table = table
        self._notify = notify

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self._dynamodb, self._table, self._notify)

    async def head(self, bot_id: str) -> Bot | None:
        return await self._get(_head_key(bot_id))

    async def version(self, bot_id: str, version: int) -> Bot | None:
        return await self._get(_version_key(bot_id, version))

    async def owner_page(self, owner_id: str, request: PageRequest) -> Page[BotSummary]:
        """The owner's bots, the latest created first."""
        return await self._page(f"USER#{owner_id}", "BOT#", request)

    async def versions(self, bot_id: str, request: PageRequest) -> Page[BotSummary]:
        """The kept versions of a bot, the latest first."""
        return await self._page(f"BOT#{bot_id}", "VERSION#", request)

    def create(self, uow: UnitOfWork, bot: Bot) -> None:
        """A new bot. The write `count` fails when the owner has as many bots as one may have."""
        condition = "attribute_not_exists(pk) OR bots < :most"
        uow.put("count", self._count(bot, 1, ConditionExpression=condition, values={":most": BOTS_PER_OWNER}))
        uow.put("bot", self._put(_head_key(bot.id), bot, "attribute_not_exists(pk)"))
        self._put_copies(uow, bot)

    def change(self, uow: UnitOfWork, bot: Bot) -> None:
        """A new version. The write `bot` fails when another change came first, or the bot is deleted."""
        uow.put("bot", self._put(_head_key(bot.id), bot, "version = :before", {":before": bot.version - 1}))
        self._put_copies(uow, bot)
        if expired := bot.oldest_kept() - 1:
            uow.put("expired version", self._delete(_version_key(bot.id, expired)))

    def delete(self, uow: UnitOfWork, bot: Bot) -> None:
        """Delete the bot with its versions. The write `bot` fails when it has changed, or is deleted already."""
        head = self._delete(_head_key(bot.id))
        head["Delete"] |= {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": to_item({":version": bot.version}),
        }
        uow.put("bot", head)
        uow.put("list entry", self._delete(_list_key(bot)))
        uow.put("count", self._count(bot, -1))
        for number in range(bot.oldest_kept(), bot.version + 1):
            uow.put(f"version {number}", self._delete(_version_key(bot.id, number)))

    def _count(self, bot: Bot, change: int, *, values: dict[str, object] | None = None, **condition: str) -> Write:
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": f"USER#{bot.owner_id}", "sk": "BOTS"}),
                "UpdateExpression": "ADD bots :change",
                "ExpressionAttributeValues": to_item({":change": change, **(values or {})}),
                **condition,
            }
        }

    def _put_copies(self, uow: UnitOfWork, bot: Bot) -> None:
        summary = BotSummary.model_validate(bot.model_dump())  # lists do not show instructions
        uow.put("version", self._put(_version_key(bot.id, bot.version), bot))
        uow.put("list entry", self._put(_list_key(bot), summary))

    def _put(
        self,
        key: dict[str, Any],
        bot: BotSummary,
        condition: str | None = None,
        values: dict[str, object] | None = None,
    ) -> Write:
        item = key | to_item(bot.model_dump(mode="json") | {"v": _ITEM_VERSION})
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = to_item(values)
        return {"Put": put}

    def _delete(self, key: dict[str, Any]) -> Write:
        return {"Delete": {"TableName": self._table, "Key": key}}

    async def _get(self, key: dict[str, Any]) -> Bot | None:
        answer = await self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return Bot.model_validate(from_item(answer["Item"])) if "Item" in answer else None

    async def _page(self, pk: str, prefix: str, request: PageRequest) -> Page[BotSummary]:
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": pk, ":prefix": prefix}),
            "ScanIndexForward": False,
        }
        return await query_page(self._dynamodb, query, request, _read_summary)


def _read_summary(item: Item) -> BotSummary:
    return BotSummary.model_validate(from_item(item))


def _head_key(bot_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": "HEAD"})


def _version_key(bot_id: str, version: int) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": f"VERSION#{version:08d}"})


def _list_key(bot: Bot) -> dict[str, Any]:
    return to_item({"pk": f"USER#{bot.owner_id}", "sk": f"BOT#{bot.id}"})
