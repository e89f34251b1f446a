"""Agents' queue of calls: what tools a turn wants called goes there, one message each."""

from typing import TYPE_CHECKING

from services.chat.domain import ToolCall, ToolCallBlock, Turn
from shared.events.commands import CallTool

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


class CallsQueue:
    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    async def send(self, turn: Turn, call: ToolCall, asked: ToolCallBlock) -> None:
        command = CallTool(
            call_id=call.id,
            turn_id=turn.id,
            principal_kind=turn.principal_kind,
            principal_id=turn.owner_id,
            name=asked.name,
            input=asked.input,
            deadline=call.deadline,
            traceparent=turn.traceparent,
        )
        await self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=command.model_dump_json())
