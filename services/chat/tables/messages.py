"""Messages: items `CONV#<id>/MSG#<id>`, each with its parent's id. Content too large for an item is in the bucket."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from services.chat.domain import Message
from services.chat.tables.branch_reader import BODIES_AT_ONCE, BranchReader, TreePage
from shared.aws import from_item, to_item
from shared.aws.batch_delete import delete_all
from shared.persistence.requests import Page, PageRequest
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import QueryOutputTypeDef

VERSION = 1
PAGE_BYTES: Final = 4 * 1024 * 1024
"""Limit for the stored content of one page. A Lambda response that is not streamed can have at most 6 MB."""


class LargeContent(Protocol):
    """Storage for content that is too large for an item."""

    async def put(self, conversation_id: str, message_id: str, content: str) -> str | None:
        """Store the content if it is too large for an item; return its key, or None if it fits."""
        ...

    async def get(self, key: str) -> str | bytes: ...

    async def erase(self, conversation_id: str) -> None:
        """Delete all content of the conversation."""
        ...


class Messages:
    def __init__(self, dynamodb: "DynamoDBClient", table: str, bodies: LargeContent) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._bodies = bodies

    async def get(self, conversation_id: str, message_id: str) -> Message | None:
        response = await self._dynamodb.get_item(
            TableName=self._table, Key=_key(conversation_id, message_id), ConsistentRead=True
        )
        return (await self._read_all([response["Item"]]))[0] if "Item" in response else None

    def branch(self, conversation_id: str) -> BranchReader:
        """Return a reader that reads page by page: one query of up to 1 MB, newest first."""
        return BranchReader(partial(self._tree_page, conversation_id), self._read_all)

    async def page(self, conversation_id: str, request: PageRequest) -> Page[Message]:
        """Return a page, newest message first.

        It has at most as many messages as the request's limit and 4 MB of content, but at least one if there is one.
        """
        limit = request.limit
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": f"CONV#{conversation_id}", ":prefix": "MSG#"}),
            "ScanIndexForward": False,
            "Limit": limit + 1,  # one more shows whether another page follows
            "ConsistentRead": True,
        }
        if request.position:
            query["ExclusiveStartKey"] = _key(conversation_id, request.position["before"])
        messages: list[Message] = []
        size = 0
        async for page in self._dynamodb.get_paginator("query").paginate(**query):
            items = page["Items"][: limit - len(messages)]
            async for item, content in self._with_contents(items):
                size += len(content.encode() if isinstance(content, str) else content)
                if messages and size > PAGE_BYTES:
                    return _page(messages)
                messages.append(_read(item, content))
            if len(items) < len(page["Items"]):
                return _page(messages)
        return Page(messages)

    async def put_new(self, message: Message) -> Write:
        """Write a new message; large content is stored in the bucket now. The condition fails if the id exists."""
        content = content_json(message)
        key = await self._bodies.put(message.conversation_id, message.id, content)
        stored = {"body": key} if key else {"content": content}
        item = _key(message.conversation_id, message.id) | to_item(
            message.model_dump(mode="json", exclude={"content"}) | stored | {"v": VERSION}
        )
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    async def erase(self, conversation_id: str) -> None:
        """Delete all messages of the conversation, with their content in the bucket."""
        async for page in self._pages(conversation_id, "pk, sk"):
            await delete_all(self._dynamodb, self._table, page["Items"])
        await self._bodies.erase(conversation_id)

    async def turn_ids(self, conversation_id: str) -> list[str]:
        """Return the ids of the turns that answered in this conversation."""
        pages = self._pages(conversation_id, "turn_id")
        return [item["turn_id"]["S"] async for page in pages for item in page["Items"] if "turn_id" in item]

    def _pages(self, conversation_id: str, attributes: str) -> "AsyncIterator[QueryOutputTypeDef]":
        """Read these attributes of all messages, oldest first; one page for each megabyte of whole items."""
        return self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"CONV#{conversation_id}", ":prefix": "MSG#"}),
            ProjectionExpression=attributes,
            ConsistentRead=True,
        )

    async def _tree_page(self, conversation_id: str, newest_id: str) -> TreePage:
        response = await self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=to_item(
                {":pk": f"CONV#{conversation_id}", ":low": "MSG#", ":high": f"MSG#{newest_id}"}
            ),
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        items = {item["id"]["S"]: item for item in response["Items"]}
        return TreePage(items, min(items) if "LastEvaluatedKey" in response else "", newest_id)

    async def _read_all(self, items: Sequence[Any]) -> list[Message]:
        return [_read(item, content) async for item, content in self._with_contents(items)]

    async def _with_contents(self, items: Sequence[Any]) -> AsyncIterator[tuple[Any, str | bytes]]:
        """Yield each item with its content, in the same order; at most eight are fetched from the bucket at a time."""
        for start in range(0, len(items), BODIES_AT_ONCE):
            group = items[start : start + BODIES_AT_ONCE]
            for item_and_content in zip(group, await self._contents(group), strict=True):
                yield item_and_content

    async def _contents(self, items: Sequence[Any]) -> list[str | bytes]:
        """Return the contents as stored, from the items or from the bucket."""
        keys = [item["body"]["S"] for item in items if "body" in item]
        bodies = iter(await asyncio.gather(*map(self._bodies.get, keys)))
        return [next(bodies) if "body" in item else item["content"]["S"] for item in items]


def _page(messages: list[Message]) -> Page[Message]:
    """Build a page that another one follows."""
    return Page(messages, {"before": messages[-1].id})


def _read(item: Any, content: str | bytes) -> Message:
    return Message.model_validate({"parent_id": None, **from_item(item), "content": json.loads(content)})


def content_json(message: Message) -> str:
    """Encode the content blocks as JSON, because tool outputs may have numbers that DynamoDB does not accept."""
    return json.dumps(message.model_dump(mode="json", include={"content"})["content"], ensure_ascii=False)


def _key(conversation_id: str, message_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CONV#{conversation_id}", "sk": f"MSG#{message_id}"})
