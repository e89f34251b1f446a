"""A turn as one reader observed it: each frame with its time and its connection."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

ENDINGS: Final = frozenset({"turn.completed", "turn.cancelled", "turn.failed"})


@dataclass(frozen=True, slots=True)
class Frame:
    """As the log keeps it. `data` is the JSON text itself, to be compared to the letter."""

    id: int
    event: str
    data: str
    attempt: int = 0

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found

    def same_as(self, other: "Frame") -> bool:
        """Whether both are the same frame. The stream does not say the attempt."""
        return (self.id, self.event, self.data) == (other.id, other.event, other.data)


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """`at`: seconds since 1970. `connection` counts this reader's connections; `endpoint` is the process asked."""

    frame: Frame
    at: float
    connection: int
    endpoint: str


@dataclass
class ObservedTurn:
    """A turn as one reader saw it. `refusals`: answers that were no stream, by status or slug."""

    conversation_id: str
    model: str
    text: str
    key: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    turn_id: str = ""
    began_at: float = 0.0
    connections: int = 0
    seen: list[ReceivedFrame] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    refused_for_good: str = ""

    @property
    def frames(self) -> list[Frame]:
        return [each.frame for each in self.seen]

    @property
    def last_id(self) -> int:
        return self.seen[-1].frame.id if self.seen else 0

    @property
    def ended(self) -> bool:
        return bool(self.seen) and self.seen[-1].frame.event in ENDINGS

    @property
    def ended_at(self) -> float | None:
        return self.seen[-1].at if self.ended else None

    @property
    def outcome(self) -> str:
        """`completed`, `cancelled`, `failed:<slug>`, or what it came to instead."""
        if not self.ended:
            return f"refused:{self.refused_for_good}" if self.refused_for_good else "open"
        last = self.seen[-1].frame
        state = last.event.removeprefix("turn.")
        return f"failed:{last.content.get('type', '').rpartition('/')[2]}" if state == "failed" else state

    def started(self) -> dict[str, Any]:
        """What `turn.started` told; empty before it came."""
        return self.seen[0].frame.content if self.seen and self.seen[0].frame.event == "turn.started" else {}

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "refusals": dict(self.refusals)}

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "ObservedTurn":
        seen = [ReceivedFrame(**{**each, "frame": Frame(**each["frame"])}) for each in dumped["seen"]]
        return cls(**{**dumped, "seen": seen, "refusals": Counter(dumped["refusals"])})
