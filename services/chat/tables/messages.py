"""Messages: `CONV#<id>/MSG#<id>`, one item each with its parent; content too large for an item is in the bucket."""

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Protocol

from services.chat.domain import Message
from shared.aws import from_item, to_item
from shared.aws.batch_delete import delete_all
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_dynamodb.type_defs import QueryOutputTypeDef

VERSION = 1


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
        return await self._read(answer["Item"]) if "Item" in answer else None

    async def all(self, conversation_id: str) -> list[Message]:
        """The whole tree, oldest first; one read per megabyte."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"CONV#{conversation_id}", ":prefix": "MSG#"}),
            ConsistentRead=True,
        )
        return [await self._read(item) async for page in pages for item in page["Items"]]

    async def page(self, conversation_id: str, limit: int, before: str | None) -> tuple[list[Message], str | None]:
        """Newest first, older than the message `before`; and the id to go on before, when there are more."""
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
        items: list[Any] = []
        async for page in self._dynamodb.get_paginator("query").paginate(**query):
            items += page["Items"]
            if len(items) > limit:
                break
        messages = [await self._read(item) for item in items[:limit]]
        return messages, messages[-1].id if len(items) > limit else None

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

    async def _read(self, item: Any) -> Message:
        data = from_item(item)
        content = await self._bodies.get(data["body"]) if "body" in data else data["content"]
        return Message.model_validate({"parent_id": None, **data, "content": json.loads(content)})


def content_json(message: Message) -> str:
    """The content blocks as one JSON string: tools may put any number into them, DynamoDB takes only some."""
    return json.dumps(message.model_dump(mode="json", include={"content"})["content"], ensure_ascii=False)


def _key(conversation_id: str, message_id: str) -> dict[str, Any]:
    return to_item({"pk": f"CONV#{conversation_id}", "sk": f"MSG#{message_id}"})
