"""Messages: the nodes of a conversation's tree, each a list of content blocks."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from services.chat.domain.blocks import ContentBlock
from services.chat.domain.usage import TurnUsage


class Message(BaseModel):
    """A message of the user, or the answer of a turn. `parent_id`: the message that it replies to; None begins anew.

    An answer has the model, the turn and, once it has ended, the usage, the stop reason or the error.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: list[ContentBlock]
    status: Literal["complete", "failed", "cancelled"] = "complete"
    model: str | None = None
    turn_id: str | None = None
    stop_reason: str | None = None
    usage: TurnUsage | None = None
    error: dict[str, Any] | None = None
    created_at: AwareDatetime
