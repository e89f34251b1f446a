"""What agents' queues bring: one short function per event or command."""

from structlog.contextvars import bound_contextvars

from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from shared.events.catalogue.chat import TurnCancelled
from shared.events.commands import CallTool
from shared.events.consumer.dispatch import CommandHandlers, Handlers
from shared.events.consumer.messages import Message
from shared.events.envelope import Envelope
from shared.telemetry.spans import entered


def handlers(table: CallsTable) -> Handlers:
    async def on_turn_cancelled(_envelope: Envelope, data: TurnCancelled) -> None:
        await table.cancel(data.turn_id, data.ended_at)

    return Handlers({TurnCancelled.event_type: (TurnCancelled, on_turn_cancelled)})


def calls_handlers(calling: ToolCallHandler) -> CommandHandlers:
    async def on_call(asked: CallTool) -> None:
        names = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": calling.named(asked),
            "gen_ai.tool.call.id": asked.call_id,
        }
        with (
            entered("execute_tool", "consumer", asked.traceparent, names) as span,
            bound_contextvars(call_id=asked.call_id, turn_id=asked.turn_id, traceparent=span.traceparent),
        ):
            await calling.handle_call(asked)

    return CommandHandlers({CallTool: on_call}, untyped=_untyped)


def _untyped(message: Message) -> CallTool:
    return message.parse(CallTool)
