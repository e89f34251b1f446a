"""Heads of conversations: items `USER#<sub>/CONV#<id>`; the index `by_activity` lists them by their latest activity."""

from typing import TYPE_CHECKING, Any

from services.chat.domain import Conversation
from shared.aws import from_item, to_item, to_value
from shared.clock import epoch_millis
from shared.persistence.pages import query_page
from shared.persistence.requests import Page, PageRequest
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from datetime import datetime

    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1
INDEX = "by_activity"


def activity(moment: "datetime", conversation_id: str) -> str:
    """Build the sort key of the index: by time, and unique, so that a cursor can point to it."""
    return f"{epoch_millis(moment):015d}#{conversation_id}"


class Conversations:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def get(self, owner_id: str, conversation_id: str) -> Conversation | None:
        """Return the owner's conversation, also one that is marked as deleted."""
        response = await self._dynamodb.get_item(
            TableName=self._table, Key=_key(owner_id, conversation_id), ConsistentRead=True
        )
        return _read(response["Item"]) if "Item" in response else None

    async def page(self, owner_id: str, request: PageRequest) -> Page[Conversation]:
        """Return a page of the owner's conversations that are not deleted, the latest activity first."""
        query = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": f"USER#{owner_id}"}},
            "ScanIndexForward": False,
        }
        return await query_page(self._dynamodb, query, request, _read, keys=("sk", "activity"))

    def put_new(self, conversation: Conversation) -> Write:
        """Write a new head. The condition fails if the id exists."""
        item = _key(conversation.owner_id, conversation.id) | to_item(
            conversation.model_dump(mode="json", exclude={"running_turns"})
            | {"activity": activity(conversation.updated_at, conversation.id), "v": VERSION}
        )
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def turn_started(self, head: Conversation, turn_id: str, message_id: str, model: str, moment: "datetime") -> Write:
        """Add a running turn and make its user message the latest one, if the conversation is not deleted."""
        return self._update(
            head,
            "SET last_message_id = :message, model = :model, updated_at = :now, activity = :activity"
            " ADD running_turns :turn, version :one",
            {":message": message_id, ":model": model, ":turn": {turn_id}, **_moment(head.id, moment)},
        )

    def turn_ended(self, owner_id: str, conversation_id: str, turn_id: str, message_id: str, at: "datetime") -> Write:
        """Remove a running turn and make its answer the latest message, if the conversation is not deleted."""
        return self._change(
            owner_id,
            conversation_id,
            "SET last_message_id = :message, updated_at = :now, activity = :activity"
            " ADD version :one DELETE running_turns :turn",
            {":message": message_id, ":turn": {turn_id}, **_moment(conversation_id, at)},
        )

    def renamed(self, head: Conversation) -> Write:
        """Write the title of `head`.

        The condition: the conversation is not deleted, and the service replaces no title but the default one.
        """
        values = {":title": head.title, ":source": head.title_source}
        only_default = ""
        if head.title_source == "service":
            only_default = " AND title_source = :default"
            values |= {":default": "default"}
        return self._update(head, "SET title = :title, title_source = :source ADD version :one", values, only_default)

    def marked_deleted(self, head: Conversation, moment: "datetime") -> Write:
        """Mark as deleted and remove from the index. `running_turns` stays: the erasure needs it."""
        return self._update(
            head,
            "SET deleted_at = :now ADD version :one REMOVE activity, title",
            {":now": moment.isoformat()},
        )

    async def erase(self, owner_id: str, conversation_id: str) -> None:
        """Delete the head."""
        await self._dynamodb.delete_item(TableName=self._table, Key=_key(owner_id, conversation_id))

    def _update(self, head: Conversation, expression: str, values: dict[str, Any], extra_condition: str = "") -> Write:
        return self._change(head.owner_id, head.id, expression, values, extra_condition)

    def _change(
        self, owner_id: str, conversation_id: str, expression: str, values: dict[str, Any], extra_condition: str = ""
    ) -> Write:
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(owner_id, conversation_id),
                "UpdateExpression": expression,
                "ConditionExpression": f"attribute_exists(pk) AND attribute_not_exists(deleted_at){extra_condition}",
                "ExpressionAttributeValues": {name: to_value(value) for name, value in {**values, ":one": 1}.items()},
            }
        }


def _key(owner_id: str, conversation_id: str) -> dict[str, Any]:
    return to_item({"pk": f"USER#{owner_id}", "sk": f"CONV#{conversation_id}"})


def _moment(conversation_id: str, moment: "datetime") -> dict[str, str]:
    return {":now": moment.isoformat(), ":activity": activity(moment, conversation_id)}


def _read(item: Any) -> Conversation:
    return Conversation.model_validate({"title": "", **from_item(item)})
