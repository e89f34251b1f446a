"""What became of a message."""

from enum import Enum


class Outcome(Enum):
    """The value is the name of its metric."""

    HANDLED = "MessagesHandled"
    DEAD = "MessagesDeadLettered"
    POSTPONED = "MessagesPostponed"
    """A fresh copy is on its way; this message is done with."""
    LATER = "MessagesRetried"
    FAILED = "MessagesFailed"
    HELD_BACK = "MessagesHeldBack"
    """Something that it needs is throttled or away. The message comes again."""
    RENEWED = "MessagesRenewed"
    """As held back, but by a fresh copy."""

    @property
    def is_over(self) -> bool:
        """Whether the message must not be delivered again."""
        return self in {Outcome.HANDLED, Outcome.DEAD, Outcome.POSTPONED, Outcome.RENEWED}

    @property
    def is_trouble(self) -> bool:
        """Whether the next message would most likely meet the same."""
        return self in {Outcome.HELD_BACK, Outcome.RENEWED}
