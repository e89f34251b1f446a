"""The domain of chat: conversations, their trees of messages and content blocks, turns, tool rounds and frames."""

from services.chat.domain.blocks import (
    ContentBlock,
    PromptScope,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
    plain_text,
)
from services.chat.domain.context_record import ContextRecord, ToolOffer
from services.chat.domain.conversation import DEFAULT_TITLE, Conversation
from services.chat.domain.frames import ENDINGS, Frame, frame
from services.chat.domain.message import Message
from services.chat.domain.tool_round import ToolCall, ToolRound
from services.chat.domain.turn import NEVER_RUN, NO_LEASE, TERMINAL, Runner, Turn, TurnProblem, TurnState
from services.chat.domain.usage import TurnUsage, total

__all__ = [
    "DEFAULT_TITLE",
    "ENDINGS",
    "NEVER_RUN",
    "NO_LEASE",
    "TERMINAL",
    "ContentBlock",
    "ContextRecord",
    "Conversation",
    "Frame",
    "Message",
    "PromptScope",
    "ReasoningBlock",
    "Runner",
    "TextBlock",
    "ToolCall",
    "ToolCallBlock",
    "ToolOffer",
    "ToolResultBlock",
    "ToolRound",
    "Turn",
    "TurnProblem",
    "TurnState",
    "TurnUsage",
    "frame",
    "plain_text",
    "total",
]
