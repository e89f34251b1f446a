"""Rounds: calls of the model that ended in calls of tools, and what came of them."""

from pydantic import BaseModel

from services.chat.domain.message import ContentBlock, ToolCallBlock, ToolResultBlock


class ToolCall(BaseModel):
    """A call that the turn waits for. `deadline`: epoch ms; an answer that comes later is not waited for."""

    id: str
    deadline: int
    answer: ToolResultBlock | None = None


class ToolRound(BaseModel):
    """`content` is what the model said, its calls last; `calls` are in the order in which it asked."""

    number: int
    content: list[ContentBlock]
    calls: list[ToolCall]

    @property
    def answered(self) -> bool:
        return all(call.answer for call in self.calls)

    def results(self) -> list[ToolResultBlock]:
        """Those that have come."""
        return [call.answer for call in self.calls if call.answer]

    def call_blocks(self) -> list[ToolCallBlock]:
        return [block for block in self.content if isinstance(block, ToolCallBlock)]

    def unanswered(self) -> list[tuple[ToolCall, ToolCallBlock]]:
        """Calls that nobody has answered yet, with what they ask."""
        return [(call, block) for call, block in zip(self.calls, self.call_blocks(), strict=True) if not call.answer]
