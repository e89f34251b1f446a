"""Builds chat's events, each from the conversation, turn, tool call or invocation that it is about."""

from typing import Final

from services.chat.domain import Conversation, ToolCall, Turn
from shared.clock import Clock, from_epoch_millis
from shared.events.catalogue import chat as events
from shared.events.data import EventData
from shared.events.envelope import Actor, Envelope
from shared.ids import Ids
from shared.llm.invocation import Invocation

_SOURCE: Final = "colloquy.chat"
_LAST_SEQUENCE: Final = 1_000_000
"""Of the event that ends a turn or deletes a conversation: larger than the sequence of any other event about it."""


class ChatEvents:
    """Builds envelopes. No event contains text that people or models wrote: no title, message or tool input."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def conversation_created(self, head: Conversation) -> Envelope:
        data = events.ConversationCreated(conversation_id=head.id, owner_id=head.owner_id, created_at=head.created_at)
        return self._of_conversation(data, head)

    def conversation_renamed(self, head: Conversation) -> Envelope:
        data = events.ConversationRenamed(
            conversation_id=head.id,
            owner_id=head.owner_id,
            renamed_by="service" if head.title_source == "service" else "owner",
            renamed_at=self._clock.now(),
        )
        return self._of_conversation(data, head)

    def conversation_deleted(self, head: Conversation) -> Envelope:
        data = events.ConversationDeleted(conversation_id=head.id, owner_id=head.owner_id, deleted_at=self._clock.now())
        return self._envelope(data, head.id, _LAST_SEQUENCE, Actor(kind="user", id=head.owner_id))

    def turn_started(self, turn: Turn) -> Envelope:
        data = events.TurnStarted(**_turn_fields(turn), deadline=from_epoch_millis(turn.deadline))
        return self._of_turn(data, turn, sequence=1)

    def turn_ended(self, turn: Turn) -> Envelope:
        """Build the event of the state in which the turn ended: completed, failed or cancelled."""
        ended_at = turn.ended_at or self._clock.now()
        data: EventData
        if turn.state == "completed":
            data = events.TurnCompleted(
                **_turn_fields(turn), stop_reason=turn.stop_reason or "unknown", ended_at=ended_at
            )
        elif turn.state == "cancelled":
            data = events.TurnCancelled(**_turn_fields(turn), ended_at=ended_at)
        else:
            slug, retryable = (turn.error.slug, turn.error.retryable) if turn.error else ("internal-error", True)
            data = events.TurnFailed(**_turn_fields(turn), problem=slug, retryable=retryable, ended_at=ended_at)
        return self._of_turn(data, turn, sequence=_LAST_SEQUENCE)

    def tool_call_requested(self, turn: Turn, call: ToolCall, tool: str) -> Envelope:
        """Build the event of a tool call, with the tool's name and without the input."""
        data = events.ToolCallRequested(
            call_id=call.id,
            turn_id=turn.id,
            conversation_id=turn.conversation_id,
            principal_kind=turn.principal_kind,
            principal_id=turn.owner_id,
            tool=tool,
            requested_at=self._clock.now(),
            deadline=from_epoch_millis(call.deadline),
        )
        return self._envelope(data, call.id, 1, Actor(kind=turn.principal_kind, id=turn.owner_id))

    def model_invoked(self, invocation: Invocation) -> Envelope:
        fields = invocation.model_dump(exclude={"id", "owner_id", "usage"}) | invocation.usage.model_dump()
        data = events.ModelInvoked(invocation_id=invocation.id, principal_id=invocation.owner_id, **fields)
        return self._envelope(
            data, invocation.id, invocation.revision, Actor(kind=invocation.principal_kind, id=invocation.owner_id)
        )

    def _of_conversation(self, data: EventData, head: Conversation) -> Envelope:
        return self._envelope(data, head.id, head.version, Actor(kind="user", id=head.owner_id))

    def _of_turn(self, data: EventData, turn: Turn, sequence: int) -> Envelope:
        return self._envelope(data, turn.id, sequence, Actor(kind=turn.principal_kind, id=turn.owner_id))

    def _envelope(self, data: EventData, subject: str, sequence: int, actor: Actor) -> Envelope:
        return Envelope.of(
            data,
            source=_SOURCE,
            subject=subject,
            sequence=sequence,
            actor=actor,
            clock=self._clock,
            ids=self._ids,
        )


def _turn_fields(turn: Turn) -> dict[str, object]:
    return {
        "turn_id": turn.id,
        "conversation_id": turn.conversation_id,
        "user_message_id": turn.user_message_id,
        "message_id": turn.message_id,
        "principal_kind": turn.principal_kind,
        "principal_id": turn.owner_id,
        "model": turn.model,
        "attempt": max(1, turn.attempt),
        "started_at": turn.created_at,
    }
