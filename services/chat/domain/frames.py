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
_ESCAPES: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
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

    def sse(self) -> bytes:
        """Encode the frame as an event of https://html.spec.whatwg.org/multipage/server-sent-events.html.

        Three characters are escaped: a line ends only at CR and LF, but some clients split there, too.
        """
        data = self.data if self.data.isascii() else self.data.translate(_ESCAPES)
        return f"id: {self.seq}\nevent: {self.event}\ndata: {data}\n\n".encode()


def frame(seq: int, event: FrameEvent, data: dict[str, Any], attempt: int) -> Frame:
    """Build a frame from unencoded `data`."""
    return Frame(seq, event, json.dumps(data, ensure_ascii=False, separators=(",", ":")), attempt)
