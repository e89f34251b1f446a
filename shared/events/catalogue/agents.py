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
    """The principal for which it was executed."""
    tool: Slug
    """`unknown` if there is no such tool: its name is then text that a model wrote, and is not published."""
    attempt: Revision
    """Above 1 if a process died while it executed the call."""
    took_ms: Count
    started_at: Time
    ended_at: Time


class ToolCallCompleted(_ToolCallEvent):
    """A tool gave a result, which has been sent to its turn."""

    event_type: ClassVar[str] = "agents.tool_call.completed"
    version: ClassVar[int] = 1


class ToolCallFailed(_ToolCallEvent):
    """A tool gave no result. Its turn gets the reason in words and continues."""

    event_type: ClassVar[str] = "agents.tool_call.failed"
    version: ClassVar[int] = 1

    reason: Failure
    """`uncertain`: the process died during the call, so the tool may or may not have had its effect."""


class ModelInvoked(InvocationEvent):
    """Agents asked a model, and later: what it cost. The highest revision of an invocation is true."""

    event_type: ClassVar[str] = "agents.model.invoked"
    version: ClassVar[int] = 1
