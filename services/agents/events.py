"""What agents tells others."""

from typing import Final

from services.agents.domain import ToolCall
from shared.clock import Clock
from shared.events.catalogue.agents import Failure, ToolCallCompleted, ToolCallFailed
from shared.events.data import EventData
from shared.events.envelope import Actor, Envelope
from shared.ids import Ids

_SOURCE: Final = "colloquy.agents"


class AgentEvents:
    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def ended(self, call: ToolCall, reason: Failure | None) -> Envelope:
        """How a turn's call ended: without a `reason` it succeeded. One event per call, whoever executed it."""
        told = call.model_dump(exclude={"id", "state", "lease_until"})
        data: EventData = (
            ToolCallFailed(call_id=call.id, reason=reason, **told)
            if reason
            else ToolCallCompleted(call_id=call.id, **told)
        )
        return Envelope.of(
            data,
            source=_SOURCE,
            subject=call.id,
            sequence=1,
            actor=Actor(kind=call.principal_kind, id=call.principal_id),
            causation_id=call.turn_id,
            clock=self._clock,
            ids=self._ids,
        )
