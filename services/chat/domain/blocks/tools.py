"""Blocks of tool calls and of their results."""

import re
from typing import Any, Final, Literal

from pydantic import BaseModel

from services.chat.domain.blocks.scope import PromptScope
from shared.llm.content import ToolResultPart, ToolUsePart

_VALID_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_IMPOSSIBLE_NAME: Final = "unknown_tool"


class ToolCallBlock(BaseModel):
    """A call of the model. `name` is as the model wrote it, so no tool need have it."""

    type: Literal["tool_call"] = "tool_call"
    call_id: str
    name: str
    input: dict[str, Any]

    def prompt_part(self, scope: PromptScope) -> ToolUsePart | None:
        """Given with its result only, and with a name that providers accept: they refuse the request otherwise."""
        if not scope.has_result(self.call_id):
            return None
        name = self.name if _VALID_NAME.fullmatch(self.name) else _IMPOSSIBLE_NAME
        return ToolUsePart(self.call_id, name, self.input)


class ToolResultBlock(BaseModel):
    type: Literal["tool_result"] = "tool_result"
    call_id: str
    status: Literal["success", "error"]
    output: Any
    took_ms: int

    def prompt_part(self, scope: PromptScope) -> ToolResultPart | None:
        """Given with its call only. In a prompt it is the user's, although the answer holds it."""
        return ToolResultPart(self.call_id, self.output, self.status) if scope.has_result(self.call_id) else None
