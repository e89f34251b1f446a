"""Frames: the numbered entries of a turn. One frame is one item of the turn log and one event of the stream."""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

FrameEvent = Literal[
    "turn.started",
    "reasoning.delta",
    "message.delta",
    "tool.delta",
    "tool.call",
    "tool.result",
    "citation",
    "turn.resumed",
    "turn.restarted",
    "turn.narrowed",
    "conversation.renamed",
    "usage",
    "turn.completed",
    "turn.cancelled",
    "turn.failed",
]
ENDINGS: Final = frozenset({"turn.completed", "turn.cancelled", "turn.failed"})
CALL_STARTS: Final = frozenset({"turn.started", "tool.call", "tool.result", "turn.resumed", "turn.restarted"})
"""Events after which the deltas belong to another call of the model."""


@dataclass(frozen=True, slots=True)
class Frame:
    """`seq` counts from 1 without gaps, across attempts; `data` is a JSON object, in the form in which it is sent."""

    seq: int
    event: str
    data: str
    attempt: int

    @property
    def ends(self) -> bool:
        """Whether the turn ends with this frame."""
        return self.event in ENDINGS

    def text(self) -> str:
        """Return the text of a delta."""
        text: str = self.json()["text"]
        return text

    def json(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.data)
        return data


def frame(seq: int, event: FrameEvent, data: dict[str, Any], attempt: int) -> Frame:
    """Build a frame from unencoded `data`."""
    return Frame(seq, event, json.dumps(data, ensure_ascii=False, separators=(",", ":")), attempt)
