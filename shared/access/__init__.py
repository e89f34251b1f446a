"""Access: pure policies over a principal. Every service decides by them, over the same data."""

from shared.access.policies import BotAccess, ConversationAccess

__all__ = ["BotAccess", "ConversationAccess"]
