"""The events that chat publishes."""

from typing import ClassVar, Literal

from shared.events.catalogue.usage import InvocationEvent
from shared.events.data import (
    BotId,
    CallId,
    ConversationId,
    EventData,
    MessageId,
    ModelId,
    PrincipalId,
    Revision,
    Slug,
    Time,
    TurnId,
)


class _ConversationEvent(EventData):
    conversation_id: ConversationId
    owner_id: PrincipalId


class ConversationCreated(_ConversationEvent):
    """A conversation was opened."""

    event_type: ClassVar[str] = "chat.conversation.created"
    version: ClassVar[int] = 1

    bot_id: BotId | None = None
    """The bot that it is with, if any."""
    created_at: Time


class ConversationRenamed(_ConversationEvent):
    """A conversation got another title; who may read it asks chat for the words."""

    event_type: ClassVar[str] = "chat.conversation.renamed"
    version: ClassVar[int] = 1

    renamed_by: Literal["owner", "service"]
    """`service`: the title was made from the first question."""
    renamed_at: Time


class ConversationDeleted(_ConversationEvent):
    """A conversation is gone for its owner; chat erases the rest of it when its turns have ended."""

    event_type: ClassVar[str] = "chat.conversation.deleted"
    version: ClassVar[int] = 1

    deleted_at: Time


class _TurnEvent(EventData):
    turn_id: TurnId
    conversation_id: ConversationId
    user_message_id: MessageId
    message_id: MessageId
    """The answer's id, fixed when the turn starts."""
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    """Whose turn it is, also when the actor is a service that ended it."""
    bot_id: BotId | None = None
    model: ModelId
    attempt: Revision
    started_at: Time


class TurnStarted(_TurnEvent):
    """A user message is stored and its answer is being made."""

    event_type: ClassVar[str] = "chat.turn.started"
    version: ClassVar[int] = 1

    deadline: Time
    """The turn has ended by then, one way or another."""


class TurnCompleted(_TurnEvent):
    """The answer is stored."""

    event_type: ClassVar[str] = "chat.turn.completed"
    version: ClassVar[int] = 1

    stop_reason: Slug
    """The model's own word for why it stopped, such as `end_turn` or `max_tokens`."""
    ended_at: Time


class TurnFailed(_TurnEvent):
    """The turn ended without a whole answer; the user's message is kept."""

    event_type: ClassVar[str] = "chat.turn.failed"
    version: ClassVar[int] = 1

    problem: Slug
    """Slug of the problem that the user was shown, documented at `/problems/<slug>`."""
    retryable: bool
    ended_at: Time


class TurnCancelled(_TurnEvent):
    """Somebody stopped the turn; what was said until then is kept."""

    event_type: ClassVar[str] = "chat.turn.cancelled"
    version: ClassVar[int] = 1

    ended_at: Time


class ToolCallRequested(EventData):
    """The model asked for a tool. For those who watch: the call itself goes to agents by its queue."""

    event_type: ClassVar[str] = "chat.tool_call.requested"
    version: ClassVar[int] = 1

    call_id: CallId
    turn_id: TurnId
    conversation_id: ConversationId
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    bot_id: BotId | None = None
    tool: Slug
    requested_at: Time
    deadline: Time
    """A result that comes later is not waited for."""


class ModelInvoked(InvocationEvent):
    """Chat asked a model, and later: what it cost. The highest revision of an invocation is true."""

    event_type: ClassVar[str] = "chat.model.invoked"
    version: ClassVar[int] = 1
