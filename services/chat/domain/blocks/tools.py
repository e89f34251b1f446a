"""Blocks of tool calls and of their results."""

from typing import Any, Literal

from pydantic import BaseModel

from services.chat.domain.blocks.scope import PromptScope
from shared.llm.content import ToolResultPart, ToolUsePart


class ToolCallBlock(BaseModel):
    type: Literal["tool_call"] = "tool_call"
    call_id: str
    name: str
    input: dict[str, Any]

    def prompt_part(self, scope: PromptScope) -> ToolUsePart | None:
        """Given with its result only: models reject a call without one."""
        return ToolUsePart(self.call_id, self.name, self.input) if scope.has_result(self.call_id) else None


class ToolResultBlock(BaseModel):
    type: Literal["tool_result"] = "tool_result"
    call_id: str
    status: Literal["success", "error"]
    output: Any
    took_ms: int

    def prompt_part(self, scope: PromptScope) -> ToolResultPart | None:
        """Given with its call only. In a prompt it is the user's, although the answer holds it."""
        return ToolResultPart(self.call_id, self.output, self.status) if scope.has_result(self.call_id) else None
