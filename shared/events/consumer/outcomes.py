"""What became of a message."""

from enum import Enum


class MessageOutcome(Enum):
    """The value is the name of its metric."""

    HANDLED = "MessagesHandled"
    DEAD_LETTERED = "MessagesDeadLettered"
    POSTPONED = "MessagesPostponed"
    """A fresh copy is on its way; this message is done with."""
    RETRIED = "MessagesRetried"
    FAILED = "MessagesFailed"
    HELD_BACK = "MessagesHeldBack"
    """Something that it needs is throttled or away. The message comes again."""
    RENEWED = "MessagesRenewed"
    """As held back, but by a fresh copy."""

    @property
    def is_final(self) -> bool:
        """Whether the message must not be delivered again."""
        return self in {
            MessageOutcome.HANDLED,
            MessageOutcome.DEAD_LETTERED,
            MessageOutcome.POSTPONED,
            MessageOutcome.RENEWED,
        }

    @property
    def is_outage(self) -> bool:
        """Whether the next message would most likely meet the same."""
        return self in {MessageOutcome.HELD_BACK, MessageOutcome.RENEWED}
