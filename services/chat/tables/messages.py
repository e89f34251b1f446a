"""Messages: `CONV#<id>/MSG#<id>`, one item each with its parent; content too large for an item is in the bucket."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from services.chat.domain import Message
from services.chat.tables.branch_reader import BODIES_AT_ONCE, BranchReader, TreePage
from shared.aws import from_item, to_item
from shared.aws.batch_delete import delete_all
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import QueryOutputTypeDef

VERSION = 1
PAGE_BYTES: Final = 4 * 1024 * 1024
"""Content of one page, as stored. A Lambda function answers 6 MB at most where its answer is not streamed."""


class LargeContent(Protocol):
    """Where content lies that is too large for an item."""

    async def put(self, conversation_id: str, message_id: str, content: str) -> str | None:
        """Store the content when it is too large; its place, or None when it fits into the item."""
        ...

    async def get(self, place: str) -> str | bytes: ...

    async def erase(self, conversation_id: str) -> None: ...


class Messages:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, bodies: LargeContent) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._bodies = bodies

    async def get(self, conversation_id: str, message_id: str) -> Message | None:
        answer = await self._dynamodb.get_item(
            TableName=self._table, Key=_key(conversation_id, message_id), ConsistentRead=True
        )
        return (await self._read_all([answer["Item"]]))[0] if "Item" in answer else None

    def branch(self, conversation_id: str) -> BranchReader:
        """Reads a branch page by page: a page is one query of up to 1 MB, newest first."""
        return BranchReader(partial(self._tree_page, conversation_id), self._read_all)

    async def page(self, conversation_id: str, limit: int, before: str | None) -> tuple[list[Message], str | None]:
        """Newest first, older than the message `before`; and the id to go on before, when there are more.

        At most `limit` messages and 4 MB of their content, but always one if there is one.
        """
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": f"CONV#{conversation_id}", ":prefix": "MSG#"}),
            "ScanIndexForward": False,
            "Limit": limit + 1,  # one more tells whether there is more
            "ConsistentRead": True,
        }
        if before:
            query["ExclusiveStartKey"] = _key(conversation_id, before)
        messages: list[Message] = []
        size = 0
        async for page in self._dynamodb.get_paginator("query").paginate(**query):
            items = page["Items"][: limit - len(messages)]
            async for item, content in self._with_contents(items):
                size += len(content.encode() if isinstance(content, str) else content)
                if messages and size > PAGE_BYTES:
                    return messages, messages[-1].id
                messages.append(_read(item, content))
            if len(items) < len(page["Items"]):
                return messages, messages[-1].id
        return messages, None

    async def put_new(self, message: Message) -> Write:
        content = content_json(message)
        place = await self._bodies.put(message.conversation_id, message.id, content)
        held = {"body": place} if place else {"content": content}
        item = _key(message.conversation_id, message.id) | to_item(
            message.model_dump(mode="json", exclude={"content"}) | held | {"v": VERSION}
        )
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def must_exist(self, conversation_id: str, message_id: str) -> Write:
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _key(conversation_id, message_id),
                "ConditionExpression": "attribute_exists(pk)",
            }
        }

    async def erase(self, conversation_id: str) -> None:
        """Delete them all, bodies included."""
        async for page in self._pages(conversation_id, "pk, sk"):
            await delete_all(self._dynamodb, self._table, page["Items"])
        await self._bodies.erase(conversation_id)

    async def turn_ids(self, conversation_id: str) -> list[str]:
        """The turns that have answered in this conversation."""
        pages = self._pages(conversation_id, "turn_id")
        return [item["turn_id"]["S"] async for page in pages for item in page["Items"] if "turn_id" in item]

    def _pages(self, conversation_id: str, attributes: str) -> "AsyncIterator[QueryOutputTypeDef]":
        """All messages, oldest first, with these attributes alone; one page per megabyte of whole items."""
        return self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"CONV#{conversation_id}", ":prefix": "MSG#"}),
            ProjectionExpression=attributes,
            ConsistentRead=True,
        )

    async def _tree_page(self, conversation_id: str, newest_id: str) -> TreePage:
        answer = await self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=to_item(
                {":pk": f"CONV#{conversation_id}", ":low": "MSG#", ":high": f"MSG#{newest_id}"}
            ),
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        items = {item["id"]["S"]: item for item in answer["Items"]}
        return TreePage(items, min(items) if "LastEvaluatedKey" in answer else "", newest_id)

    async def _read_all(self, items: Sequence[Any]) -> list[Message]:
        return [_read(item, content) async for item, content in self._with_contents(items)]

    async def _with_contents(self, items: Sequence[Any]) -> AsyncIterator[tuple[Any, str | bytes]]:
        """Each item with its content, in the same order; bodies are fetched at most eight at a time."""
        for start in range(0, len(items), BODIES_AT_ONCE):
            some = items[start : start + BODIES_AT_ONCE]
            for each in zip(some, await self._contents(some), strict=True):
                yield each

    async def _contents(self, items: Sequence[Any]) -> list[str | bytes]:
        """As stored: from the item, or from the bucket."""
        places = [item["body"]["S"] for item in items if "body" in item]
        bodies = iter(await asyncio.gather(*map(self._bodies.get, places)))
        return [next(bodies) if "body" in item else item["content"]["S"] for item in items]


def _read(item: Any, content: str | bytes) -> Message:
    return Message.model_validate({"parent_id": None, **from_item(item), "content": json.loads(content)})


def content_json(message: Message) -> str:
    """The content blocks as one JSON string: tools may put any number into them, DynamoDB takes only some."""
    return json.dumps(message.model_dump(mode="json", include={"content"})["content"], ensure_ascii=False)


def _key(conversation_id: str, message_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CONV#{conversation_id}", "sk": f"MSG#{message_id}"})
