"""A turn that this process holds, with all that was read about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chat.domain import ContextRecord, Conversation, Frame, Message, Turn
from services.chat.stream.replay import TurnProgress
from services.chat.tables import BranchReader
from shared.llm.invocation import Invocation


@dataclass(frozen=True)
class HeldTurn:
    """`previous`: the turn before this process claimed it; None if this process started it.

    `frames`: the first frames of its attempt, once they are in the log; until then the previous runner may still write
    one. `invocations`: settled ones for its answer, without those for titles. `question`: the user's message; None when
    it is erased. `branch` has read the page that begins with it.
    """

    turn: Turn
    progress: TurnProgress
    question: Message | None
    branch: BranchReader
    head: Conversation | None
    record: ContextRecord | None = None
    invocations: Sequence[Invocation] = ()
    previous: Turn | None = None
    frames: Sequence[Frame] = ()

    @property
    def was_interrupted(self) -> bool:
        """Whether its previous runner died or handed it over; not if it waited for its first runner, or for tools."""
        previous = self.previous
        return previous is not None and previous.state == "running" and not previous.was_never_run

    @property
    def has_waited_for_tools(self) -> bool:
        return self.previous is not None and self.previous.state == "awaiting_tools"

    @property
    def is_erased(self) -> bool:
        """Whether its conversation is deleted or erased, so that the turn can only be ended."""
        deleted = self.head is None or self.head.deleted_at is not None
        return deleted or self.question is None
