"""What agents' queues bring: one short function per event or command."""

from structlog.contextvars import bound_contextvars

from services.agents.calling import Calling
from services.agents.tables import CallsTable
from shared.events.catalogue.chat import TurnCancelled
from shared.events.commands import CallTool
from shared.events.dispatch import Handlers
from shared.events.envelope import Envelope
from shared.events.messages import Message
from shared.telemetry.spans import entered


def handlers(table: CallsTable) -> Handlers:
    async def on_turn_cancelled(_envelope: Envelope, data: TurnCancelled) -> None:
        await table.cancel(data.turn_id, data.ended_at)

    return Handlers({TurnCancelled.event_type: (TurnCancelled, on_turn_cancelled)})


class CallsConsumer:
    """Of the queue *calls*."""

    def __init__(self, calling: Calling) -> None:
        self._calling = calling

    async def __call__(self, message: Message) -> None:
        asked = message.parse(CallTool)
        names = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": self._calling.named(asked),
            "gen_ai.tool.call.id": asked.call_id,
        }
        with (
            entered("execute_tool", "consumer", asked.traceparent, names) as span,
            bound_contextvars(call_id=asked.call_id, turn_id=asked.turn_id, traceparent=span.traceparent),
        ):
            await self._calling.carry_out(asked)
