"""What a stage of a context is, and the draft that the stages complete one after another."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.chat.domain import ContextRecord, Message, ToolRound, Turn
from services.chat.domain.frames import FrameEvent
from services.chat.tables import BranchReader
from shared.catalogue import Model
from shared.llm.port import PromptMessage


class Frames(Protocol):
    """Where a stage tells the readers of the turn what it does."""

    def frame(self, event: FrameEvent, data: dict[str, Any]) -> None: ...


@dataclass
class ContextDraft:
    """A context in the making. Stages set fields of `record`, or read them, and make `prompt` of it.

    `rounds`: the turn's finished tool rounds. `partial_text`: the beginning of an answer that the model continues.
    `prompt` is the whole prompt, oldest message first.
    """

    turn: Turn
    model: Model
    question: Message
    branch: BranchReader
    rounds: Sequence[ToolRound] = ()
    partial_text: str = ""
    record: ContextRecord = field(default_factory=ContextRecord)
    prompt: list[PromptMessage] = field(default_factory=list)


class Stage(ABC):
    """One step of building a context."""

    def waits(self, turn: Turn) -> bool:  # noqa: ARG002 - most stages never wait
        """Whether for this turn the stage asks a service or a model, or writes frames.

        If none does, the context is built before the turn is stored, and stored with it.
        """
        return False

    @abstractmethod
    async def decide(self, draft: ContextDraft, frames: Frames | None) -> None:
        """Decide once for the turn; `frames` is None only if no stage waits. Raises Problem to fail the turn."""

    async def repeat(self, draft: ContextDraft) -> None:  # noqa: B027 - for most stages the record says it all
        """Complete the draft by what the record says, for a later request of the turn."""
