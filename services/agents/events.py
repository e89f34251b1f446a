"""Builds the envelopes of agents' events."""

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
        """The end of a turn's call; without a `reason` it succeeded. There is one event per call."""
        fields = call.model_dump(exclude={"id", "state", "lease_until"})
        data: EventData = (
            ToolCallFailed(call_id=call.id, reason=reason, **fields)
            if reason
            else ToolCallCompleted(call_id=call.id, **fields)
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
