"""All DynamoDB access of chat: one room per kind of item, one for transactions."""

from services.chat.tables.branch_reader import BranchReader
from services.chat.tables.conversations import Conversations, PageOfHeads
from services.chat.tables.invocations import Invocations
from services.chat.tables.messages import Messages
from services.chat.tables.store import Ring, Store
from services.chat.tables.turn_log import FencedError, TurnLog
from services.chat.tables.turns import Turns
from shared.persistence.transactions import Cancelled

__all__ = [
    "BranchReader",
    "Cancelled",
    "Conversations",
    "FencedError",
    "Invocations",
    "Messages",
    "PageOfHeads",
    "Ring",
    "Store",
    "TurnLog",
    "Turns",
]
