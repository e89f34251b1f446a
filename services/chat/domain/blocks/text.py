"""Text blocks: what people and models write."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from services.chat.domain.blocks.scope import PromptScope
from shared.llm.content import TextPart


class TextBlock(BaseModel):
    type: Literal["text"] = "text"
    text: str

    def prompt_part(self, scope: PromptScope) -> TextPart:  # noqa: ARG002 - text is always given
        return TextPart(self.text)


def plain_text(blocks: Iterable[object]) -> str:
    """Join the text blocks; all other blocks are left out."""
    return "".join(block.text for block in blocks if isinstance(block, TextBlock))
