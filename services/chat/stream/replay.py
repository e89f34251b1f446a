"""Replay: folds the log and the tool rounds of a turn into its progress, for the process that continues or ends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from services.chat.domain import ContentBlock, Frame, ReasoningBlock, TextBlock, ToolRound
from services.chat.domain.frames import CALL_STARTS


@dataclass(frozen=True)
class TurnProgress:
    """How far a turn has come. `seq`: the last position of its log.

    `partial`: content of a model call that broke off. `unbilled`: the output of that call's latest attempt, whose
    tokens are to be estimated. `logged_results`: ids of tool calls whose results are in the log.
    """

    seq: int = 0
    rounds: Sequence[ToolRound] = ()
    partial: Sequence[ContentBlock] = ()
    unbilled: str = ""
    logged_results: frozenset[str] = field(default_factory=frozenset)

    @property
    def round_content(self) -> list[ContentBlock]:
        """Content of the finished rounds, tool results included."""
        return [block for each in self.rounds for block in (*each.content, *each.results())]

    @property
    def content(self) -> list[ContentBlock]:
        return [*self.round_content, *self.partial]

    @property
    def partial_text(self) -> str:
        """The text of the call that broke off, without its reasoning."""
        return "".join(block.text for block in self.partial if isinstance(block, TextBlock))

    def after(self, frames: Sequence[Frame]) -> Self:
        """The progress after the first frames of a new attempt, at least one: only `turn.resumed` keeps the partial."""
        kept = self.partial if frames[-1].event == "turn.resumed" else ()
        return replace(self, seq=frames[-1].seq, partial=kept, unbilled="")


def replay(frames: Sequence[Frame], rounds: Sequence[ToolRound]) -> TurnProgress:
    partial: list[ContentBlock] = []
    unbilled: list[str] = []
    logged_results: set[str] = set()
    for frame in frames:
        match frame.event:
            case "message.delta":
                _extend(partial, TextBlock(text=frame.text()))
                unbilled.append(frame.text())
            case "reasoning.delta":
                _extend(partial, ReasoningBlock(text=frame.text()))
                unbilled.append(frame.text())
            case "tool.delta":
                unbilled.append(frame.json().get("name", "") + frame.text())
            case "tool.result":
                logged_results.add(frame.json()["call_id"])
        if frame.event in CALL_STARTS:
            unbilled.clear()
            if frame.event != "turn.resumed":
                partial.clear()
    seq = frames[-1].seq if frames else 0
    return TurnProgress(seq, rounds, partial, "".join(unbilled), frozenset(logged_results))


def _extend(blocks: list[ContentBlock], added: TextBlock | ReasoningBlock) -> None:
    last = blocks[-1] if blocks else None
    if isinstance(last, TextBlock | ReasoningBlock) and last.type == added.type:
        last.text += added.text
    else:
        blocks.append(added)
