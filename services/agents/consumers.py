"""Handlers of agents' queues: one short function per event or command."""

from typing import Final

from structlog.contextvars import bound_contextvars

from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from shared.events.catalogue.chat import TurnCancelled
from shared.events.commands import CallTool
from shared.events.consumer.dispatch import CommandHandlers, EventHandlers
from shared.events.consumer.messages import QueueMessage
from shared.events.declarations import QueueDeclaration
from shared.events.envelope import Envelope
from shared.telemetry import current_traceparent
from shared.telemetry.spans import entry_span

_EVENTS: Final = QueueDeclaration("events", (TurnCancelled,))
_CALLS: Final = QueueDeclaration("calls", (CallTool,))
QUEUES: Final = (_EVENTS, _CALLS)


def event_handlers(table: CallsTable) -> EventHandlers:
    async def on_turn_cancelled(_envelope: Envelope, data: TurnCancelled) -> None:
        await table.cancel(data.turn_id, data.ended_at)

    return _EVENTS.handled_by(EventHandlers({TurnCancelled: on_turn_cancelled}))


def call_handlers(handler: ToolCallHandler) -> CommandHandlers:
    async def on_call(command: CallTool) -> None:
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": handler.known_name(command),
            "gen_ai.tool.call.id": command.call_id,
        }
        with (
            entry_span("execute_tool", "consumer", command.traceparent, attributes),
            bound_contextvars(call_id=command.call_id, turn_id=command.turn_id, traceparent=current_traceparent()),
        ):
            await handler.handle(command)

    return _CALLS.handled_by(CommandHandlers({CallTool: on_call}, untyped=_untyped))


def _untyped(message: QueueMessage) -> CallTool:
    return message.parse(CallTool)
