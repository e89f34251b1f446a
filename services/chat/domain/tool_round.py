"""Tool rounds: calls of the model that ended with tool calls, and the results of these."""

from pydantic import BaseModel

from services.chat.domain.blocks import ContentBlock, ToolCallBlock, ToolResultBlock


class ToolCall(BaseModel):
    """A tool call of a turn. `answer` is its result, None until it arrives; the turn waits for it until `deadline`.

    `deadline`: epoch ms.
    """

    id: str
    deadline: int
    answer: ToolResultBlock | None = None


class ToolRound(BaseModel):
    """`content`: the model's output, its tool calls last. `calls`: the same calls in the same order."""

    number: int
    content: list[ContentBlock]
    calls: list[ToolCall]

    @property
    def answered(self) -> bool:
        """Whether every call has its result."""
        return all(call.answer for call in self.calls)

    def results(self) -> list[ToolResultBlock]:
        """Return the results that have arrived."""
        return [call.answer for call in self.calls if call.answer]

    def call_blocks(self) -> list[ToolCallBlock]:
        """Return the calls as content blocks."""
        return [block for block in self.content if isinstance(block, ToolCallBlock)]

    def unanswered(self) -> list[tuple[ToolCall, ToolCallBlock]]:
        """Return the calls without a result, each with its content block."""
        return [(call, block) for call, block in zip(self.calls, self.call_blocks(), strict=True) if not call.answer]
