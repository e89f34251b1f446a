"""The domain of chat: conversations, their trees of messages, turns, tool rounds, frames and invocations."""

from services.chat.domain.conversation import DEFAULT_TITLE, Conversation
from services.chat.domain.frames import ENDINGS, Frame, frame
from services.chat.domain.invocation import Invocation, total
from services.chat.domain.message import (
    ContentBlock,
    Message,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
    TurnUsage,
    plain_text,
)
from services.chat.domain.tool_round import ToolCall, ToolRound
from services.chat.domain.turn import NEVER_RUN, NO_LEASE, TERMINAL, Turn, TurnProblem, TurnState

__all__ = [
    "DEFAULT_TITLE",
    "ENDINGS",
    "NEVER_RUN",
    "NO_LEASE",
    "TERMINAL",
    "ContentBlock",
    "Conversation",
    "Frame",
    "Invocation",
    "Message",
    "ReasoningBlock",
    "TextBlock",
    "ToolCall",
    "ToolCallBlock",
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
