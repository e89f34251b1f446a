"""Tool rounds: items `TURN#<id>/TOOLS#ROUND#<number>` with the model's output and `…/TOOLS#CALL#<id>` with each result.

Texts of models and tools are stored as JSON strings, because DynamoDB accepts neither their floats nor their depth.
"""

import json
from typing import TYPE_CHECKING, Any

from services.chat.domain import ToolCall, ToolResultBlock, ToolRound
from shared.aws import from_item, to_item
from shared.aws.errors import AWS_ERRORS, is_condition_failed
from shared.persistence.transactions import Write

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

VERSION = 1


class ToolRounds:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def of_turn(self, turn_id: str) -> list[ToolRound]:
        """Return the turn's rounds in order, with the results that have arrived; one query for each megabyte."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=to_item({":pk": f"TURN#{turn_id}", ":prefix": "TOOLS#"}),
            ConsistentRead=True,
        )
        items = [from_item(item) async for page in pages for item in page["Items"]]
        calls = {each["id"]: _call(each) for each in items if "#CALL#" in each["sk"]}
        return [_round(each, calls) for each in items if "#ROUND#" in each["sk"]]

    def put_new(self, turn_id: str, tool_round: ToolRound) -> dict[str, Write]:
        """Write a new round and its calls; the result maps names of writes to writes. Each fails if its item exists."""
        content = json.dumps(tool_round.model_dump(mode="json")["content"], ensure_ascii=False)
        calls = [call.id for call in tool_round.calls]
        round_item = {"number": tool_round.number, "content": content, "calls": json.dumps(calls)}
        return {
            "round": self._put(turn_id, f"ROUND#{tool_round.number:04d}", round_item),
            **{f"call {call.id}": self._put(turn_id, f"CALL#{call.id}", _call_item(call)) for call in tool_round.calls},
        }

    async def record_result(self, turn_id: str, result: ToolResultBlock) -> bool:
        """Store the result of a call; False if the call has a result, or does not belong to this turn."""
        try:
            await self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(turn_id, f"CALL#{result.call_id}"),
                UpdateExpression="SET answer = :answer",
                ConditionExpression="attribute_exists(pk) AND attribute_not_exists(answer)",
                ExpressionAttributeValues=to_item({":answer": result.model_dump_json()}),
            )
        except AWS_ERRORS as error:
            if is_condition_failed(error):
                return False
            raise
        return True

    def _put(self, turn_id: str, suffix: str, item: dict[str, Any]) -> Write:
        return {
            "Put": {
                "TableName": self._table,
                "Item": _key(turn_id, suffix) | to_item(item | {"v": VERSION}),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }


def _key(turn_id: str, suffix: str) -> dict[str, Any]:
    return to_item({"pk": f"TURN#{turn_id}", "sk": f"TOOLS#{suffix}"})


def _call_item(call: ToolCall) -> dict[str, Any]:
    answer = {"answer": call.answer.model_dump_json()} if call.answer else {}
    return {"id": call.id, "deadline": call.deadline} | answer


def _call(item: dict[str, Any]) -> ToolCall:
    answer = ToolResultBlock.model_validate_json(item["answer"]) if "answer" in item else None
    return ToolCall(id=item["id"], deadline=item["deadline"], answer=answer)


def _round(item: dict[str, Any], calls: dict[str, ToolCall]) -> ToolRound:
    return ToolRound(
        number=item["number"],
        content=json.loads(item["content"]),
        calls=[calls[call_id] for call_id in json.loads(item["calls"])],
    )
