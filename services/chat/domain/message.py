"""Messages: the nodes of a conversation's tree, each a list of content blocks."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from shared.catalogue import Usage


class TextBlock(BaseModel):
    type: Literal["text"] = "text"
    text: str


class ReasoningBlock(BaseModel):
    """What the model thought aloud. The signature is the provider's, needed to hand the block back to it."""

    type: Literal["reasoning"] = "reasoning"
    text: str
    signature: str | None = None


class ToolCallBlock(BaseModel):
    type: Literal["tool_call"] = "tool_call"
    call_id: str
    name: str
    input: dict[str, Any]


class ToolResultBlock(BaseModel):
    type: Literal["tool_result"] = "tool_result"
    call_id: str
    status: Literal["success", "error"]
    output: Any
    took_ms: int


ContentBlock = Annotated[TextBlock | ReasoningBlock | ToolCallBlock | ToolResultBlock, Field(discriminator="type")]


class TurnUsage(Usage):
    """Tokens of a turn's answer and what they cost."""

    cost_nano_usd: int
    basis: Literal["reported", "estimated"]


class Message(BaseModel):
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


def plain_text(blocks: Iterable[ContentBlock]) -> str:
    """Join the text blocks; reasoning, tool calls and results are left out."""
    return "".join(block.text for block in blocks if isinstance(block, TextBlock))
