"""Content blocks: the parts of a message, one module per kind.

A kind says how it is stored and shown (its fields) and what a model is given of it (`prompt_part`); the estimate of its
tokens follows from that part. To add one: a module here, its class in `ContentBlock`, a part in `shared/llm/content.py`
if no part fits, and its renderer in the web client.
"""

from typing import Annotated

from pydantic import Field

from services.chat.domain.blocks.reasoning import ReasoningBlock
from services.chat.domain.blocks.scope import PromptScope
from services.chat.domain.blocks.text import TextBlock, plain_text
from services.chat.domain.blocks.tools import ToolCallBlock, ToolResultBlock

ContentBlock = Annotated[TextBlock | ReasoningBlock | ToolCallBlock | ToolResultBlock, Field(discriminator="type")]

__all__ = [
    "ContentBlock",
    "PromptScope",
    "ReasoningBlock",
    "TextBlock",
    "ToolCallBlock",
    "ToolResultBlock",
    "plain_text",
]
