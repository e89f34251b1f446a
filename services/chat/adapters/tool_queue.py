"""Agents' queue of calls: what tools a turn wants called goes there, one message each."""

from services.chat.domain import ToolCall, ToolCallBlock, Turn
from shared.events.commands import CallTool, CommandQueue


class ToolQueue:
    def __init__(self, queue: CommandQueue) -> None:
        self._queue = queue

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
        await self._queue.send(command)
