"""Messages: the nodes of a conversation's tree, each a list of content blocks."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from services.chat.domain.blocks import ContentBlock
from services.chat.domain.request_level import REFUSALS, Narrowed
from services.chat.domain.usage import TurnUsage


class Message(BaseModel):
    """A message of the user, or the answer of a turn. `parent_id`: the message that it replies to; None begins anew.

    An answer has the model, the turn and, once it has ended, the usage, the stop reason or the error. `narrowed`: the
    level of its request, if the model refused a wider one; `history_from`: the oldest message in it, if `shorter`.
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
    narrowed: Narrowed | None = None
    history_from: str | None = None
    created_at: AwareDatetime

    @property
    def was_refused(self) -> bool:
        """Whether this is the empty answer to a question that the model refused as too long or not valid."""
        slug = str((self.error or {}).get("type", "")).rpartition("/")[2]
        return self.status == "failed" and slug in REFUSALS and not self.content
