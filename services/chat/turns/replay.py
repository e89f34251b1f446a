"""What a turn has said and done so far, from its log and its rounds, for whoever goes on with it or ends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.chat.domain import ContentBlock, Frame, ReasoningBlock, TextBlock, ToolRound
from services.chat.domain.frames import CALL_STARTS


@dataclass(frozen=True)
class TurnProgress:
    """`seq`: the log's head. `partial`: content of the call of the model that broke off, if one did.

    `unbilled`: what the latest of several attempts at that call has said. `told`: ids of tool calls whose results are
    in the log. `named`: the conversation's title is.
    """

    seq: int = 0
    rounds: Sequence[ToolRound] = ()
    partial: Sequence[ContentBlock] = ()
    unbilled: str = ""
    told: frozenset[str] = field(default_factory=frozenset)
    named: bool = False

    @property
    def before(self) -> list[ContentBlock]:
        """Content of the rounds that are over, results included."""
        return [block for each in self.rounds for block in (*each.content, *each.results())]

    @property
    def content(self) -> list[ContentBlock]:
        return [*self.before, *self.partial]


def replay(frames: Sequence[Frame], rounds: Sequence[ToolRound]) -> TurnProgress:
    partial: list[ContentBlock] = []
    unbilled: list[str] = []
    told: set[str] = set()
    named = False
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
                told.add(frame.json()["call_id"])
            case "conversation.renamed":
                named = True
        if frame.event in CALL_STARTS:
            unbilled.clear()
            if frame.event != "turn.resumed":
                partial.clear()
    seq = frames[-1].seq if frames else 0
    return TurnProgress(seq, rounds, partial, "".join(unbilled), frozenset(told), named)


def _extend(blocks: list[ContentBlock], more: TextBlock | ReasoningBlock) -> None:
    last = blocks[-1] if blocks else None
    if isinstance(last, TextBlock | ReasoningBlock) and last.type == more.type:
        last.text += more.text
    else:
        blocks.append(more)
