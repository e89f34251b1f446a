"""Bots' table.

`BOT#<id>/HEAD` the bot as it is · `BOT#<id>/VERSION#<n>` each kept version · `USER#<sub>/BOT#<id>` the owner's list ·
`USER#<sub>/BOTS` how many there are · `USER#<sub>/IDEM#…` · `OUTBOX#…`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.bots.domain import BOTS_PER_OWNER, Bot, BotSummary
from shared.aws import from_item, to_item
from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.persistence.idempotency import IdempotencyItems
from shared.persistence.transactions import Write, transact

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ITEM_VERSION: Final = 1


@dataclass(frozen=True)
class PageOfBots:
    items: list[BotSummary]
    last: str | None
    """Where the next page goes on; None on the last one."""


class BotsTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, clock: Clock) -> None:
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self._dynamodb = dynamodb
        self._table = table

    async def head(self, bot_id: str) -> Bot | None:
        return await self._get(_head_key(bot_id))

    async def version(self, bot_id: str, version: int) -> Bot | None:
        return await self._get(_version_key(bot_id, version))

    async def page_of(self, owner_id: str, limit: int, before: str | None) -> PageOfBots:
        """The owner's bots, the latest made first, older than the bot `before`."""
        return await self._page(f"USER#{owner_id}", "BOT#", limit, before)

    async def versions(self, bot_id: str, limit: int, before: str | None) -> PageOfBots:
        """The kept versions of a bot, the latest first."""
        return await self._page(f"BOT#{bot_id}", "VERSION#", limit, before)

    async def commit(self, writes: Sequence[Write], told: Envelope) -> None:
        """The writes and the event that tells of them, all or nothing. Raises Cancelled with `writes`' positions."""
        await transact(self._dynamodb, [*writes, outbox.write(self._table, told)])

    def made(self, bot: Bot) -> list[Write]:
        """The first write fails when the owner has as many bots as one may have."""
        count: Write = {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": f"USER#{bot.owner_id}", "sk": "BOTS"}),
                "UpdateExpression": "ADD bots :one",
                "ConditionExpression": "attribute_not_exists(pk) OR bots < :most",
                "ExpressionAttributeValues": to_item({":one": 1, ":most": BOTS_PER_OWNER}),
            }
        }
        return [count, self._put(_head_key(bot.id), bot, "attribute_not_exists(pk)"), *self._copies(bot)]

    def changed(self, bot: Bot) -> list[Write]:
        """A version more. The first write fails when another change was faster, or the bot is gone."""
        head = self._put(_head_key(bot.id), bot, "version = :before", {":before": bot.version - 1})
        outlived = bot.oldest_kept() - 1
        return [head, *self._copies(bot), *([self._delete(_version_key(bot.id, outlived))] if outlived else [])]

    def deleted(self, bot: Bot) -> list[Write]:
        """Everything of it. The first write fails when the bot has changed, or is gone."""
        uncount: Write = {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": f"USER#{bot.owner_id}", "sk": "BOTS"}),
                "UpdateExpression": "ADD bots :less",
                "ExpressionAttributeValues": to_item({":less": -1}),
            }
        }
        head = self._delete(_head_key(bot.id))
        head["Delete"] |= {
            "ConditionExpression": "version = :version",
            "ExpressionAttributeValues": to_item({":version": bot.version}),
        }
        versions = [self._delete(_version_key(bot.id, n)) for n in range(bot.oldest_kept(), bot.version + 1)]
        return [head, self._delete(_listed_key(bot)), uncount, *versions]

    def _copies(self, bot: Bot) -> list[Write]:
        listed = BotSummary.model_validate(bot.model_dump())  # a list need not carry instructions
        return [self._put(_version_key(bot.id, bot.version), bot), self._put(_listed_key(bot), listed)]

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

    async def _page(self, pk: str, prefix: str, limit: int, before: str | None) -> PageOfBots:
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": pk, ":prefix": prefix}),
            "ScanIndexForward": False,
            "Limit": limit,
            "ConsistentRead": True,
        }
        if before:
            query["ExclusiveStartKey"] = to_item({"pk": pk, "sk": before})
        answer = await self._dynamodb.query(**query)
        last = answer["LastEvaluatedKey"]["sk"]["S"] if "LastEvaluatedKey" in answer else None
        return PageOfBots([BotSummary.model_validate(from_item(item)) for item in answer["Items"]], last)


def _head_key(bot_id: str) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": "HEAD"})


def _version_key(bot_id: str, version: int) -> dict[str, Any]:
    return to_item({"pk": f"BOT#{bot_id}", "sk": f"VERSION#{version:08d}"})


def _listed_key(bot: Bot) -> dict[str, Any]:
    return to_item({"pk": f"USER#{bot.owner_id}", "sk": f"BOT#{bot.id}"})
