"""Access: pure policies about a principal, by which every service decides."""

from shared.access.policies import BotAccess, ConversationAccess

__all__ = ["BotAccess", "ConversationAccess"]
