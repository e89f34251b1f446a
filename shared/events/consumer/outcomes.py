"""The outcomes of handling a message."""

from enum import Enum


class MessageOutcome(Enum):
    """Each value is the name of the outcome's metric."""

    HANDLED = "MessagesHandled"
    DEAD_LETTERED = "MessagesDeadLettered"
    POSTPONED = "MessagesPostponed"
    """Replaced by a copy that is delivered later, as its handler asked."""
    RETRIED = "MessagesRetried"
    FAILED = "MessagesFailed"
    HELD_BACK = "MessagesHeldBack"
    """A dependency is throttled or unavailable. The message is delivered again."""
    RENEWED = "MessagesRenewed"
    """As HELD_BACK, but replaced by a copy."""

    @property
    def is_final(self) -> bool:
        """Whether the message is settled and must not be delivered again."""
        return self in {
            MessageOutcome.HANDLED,
            MessageOutcome.DEAD_LETTERED,
            MessageOutcome.POSTPONED,
            MessageOutcome.RENEWED,
        }

    @property
    def is_outage(self) -> bool:
        """Whether a dependency was unavailable, so that the next message would most likely fail too."""
        return self in {MessageOutcome.HELD_BACK, MessageOutcome.RENEWED}
