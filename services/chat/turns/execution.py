"""Work: a turn that this process holds the lease of, and everything that running it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.chat.domain import ContentBlock, Frame, Invocation, Turn
from services.chat.llm.port import PromptMessage, ToolSpec
from shared.catalogue import Model

TitleTask = Literal["make", "tell"] | None
"""Make the conversation's title beside the answer, or tell the one that others are making."""


@dataclass(frozen=True)
class TurnExecution:
    """What its model is asked (`said`), and what went before.

    `begun`: frames that this process has put into the log already; the last one is its head. `before`: content of the
    rounds that are over, `going_on` the text that the model continues. `spent`: earlier invocations for the answer.
    """

    turn: Turn
    model: Model
    said: Sequence[PromptMessage]
    invocation: Invocation
    question: str
    begun: Sequence[Frame]
    tools: Sequence[ToolSpec] = ()
    rounds: int = 0
    before: Sequence[ContentBlock] = ()
    going_on: str = ""
    spent: Sequence[Invocation] = ()
    title: TitleTask = None

    @property
    def seq(self) -> int:
        """The log's head."""
        return self.begun[-1].seq
