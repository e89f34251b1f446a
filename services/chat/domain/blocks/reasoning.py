"""Reasoning blocks: what a model thought before it answered."""

from typing import Literal

from pydantic import BaseModel

from services.chat.domain.blocks.scope import PromptScope
from shared.llm.content import ReasoningPart


class ReasoningBlock(BaseModel):
    """What the model thought. The text is empty where the provider shows only a signature, or encrypts it.

    `signature` and `redacted` (base64) are the provider's; it accepts the block back only with them, unchanged.
    """

    type: Literal["reasoning"] = "reasoning"
    text: str
    signature: str | None = None
    redacted: str | None = None

    def prompt_part(self, scope: PromptScope) -> ReasoningPart | None:
        """Given back within its own turn only: a provider needs it to continue after tools, and at no other time."""
        return None if scope.is_history else ReasoningPart(self.text, self.signature, self.redacted)
