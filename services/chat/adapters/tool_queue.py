"""The queue *calls* of the service agents, which executes tool calls."""

from services.chat.domain import ToolCall, ToolCallBlock, Turn
from shared.events.commands import CallTool, CommandQueue


class ToolQueue:
    """Sends tool calls to agents, one message for each call."""

    def __init__(self, queue: CommandQueue) -> None:
        self._queue = queue

    async def send(self, turn: Turn, call: ToolCall, block: ToolCallBlock) -> None:
        """Send a call. Agents executes it once, also when it is sent again, and answers on chat's queue *turns*."""
        command = CallTool(
            call_id=call.id,
            turn_id=turn.id,
            principal_kind=turn.principal_kind,
            principal_id=turn.owner_id,
            name=block.name,
            input=block.input,
            deadline=call.deadline,
            traceparent=turn.traceparent,
        )
        await self._queue.send(command)
