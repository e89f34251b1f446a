"""All DynamoDB access of chat: one module for each kind of item, and `store` with all of them."""

from services.chat.tables.branch_reader import BranchReader
from services.chat.tables.conversations import Conversations
from services.chat.tables.invocations import Invocations
from services.chat.tables.messages import Messages
from services.chat.tables.store import Store
from services.chat.tables.turn_log import FencedError, TurnLog
from services.chat.tables.turns import Turns

__all__ = [
    "BranchReader",
    "Conversations",
    "FencedError",
    "Invocations",
    "Messages",
    "Store",
    "TurnLog",
    "Turns",
]
