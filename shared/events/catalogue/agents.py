"""The events that agents publishes."""

from typing import ClassVar, Literal

from shared.events.catalogue.usage import InvocationEvent
from shared.events.data import CallId, Count, EventData, PrincipalId, Revision, Slug, Time, TurnId

Failure = Literal[
    "unknown_tool", "invalid_input", "refused", "too_late", "timed_out", "too_large", "broken", "uncertain"
]
"""Why a call gave no result."""


class _ToolCallEvent(EventData):
    call_id: CallId
    turn_id: TurnId
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    """For whom it was executed."""
    tool: Slug
    """`unknown` for a tool that there is not: its name is what a model wrote."""
    attempt: Revision
    """Above 1 when whoever executed it before died over it."""
    took_ms: Count
    started_at: Time
    ended_at: Time


class ToolCallCompleted(_ToolCallEvent):
    """A tool gave a result, which is on its way to the turn that asked for it."""

    event_type: ClassVar[str] = "agents.tool_call.completed"
    version: ClassVar[int] = 1


class ToolCallFailed(_ToolCallEvent):
    """A tool gave no result; the turn that asked is told why in words, and goes on."""

    event_type: ClassVar[str] = "agents.tool_call.failed"
    version: ClassVar[int] = 1

    reason: Failure
    """`uncertain`: whoever executed it died over it, and nobody knows whether it had its effect."""


class ModelInvoked(InvocationEvent):
    """Agents asked a model, and later: what it cost. The highest revision of an invocation is true."""

    event_type: ClassVar[str] = "agents.model.invoked"
    version: ClassVar[int] = 1
