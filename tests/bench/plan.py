"""Requests to the load generator and its results: JSON lines between two processes."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from tests.clients import message_body

Side = Literal["chat", "relay"]


@dataclass(frozen=True)
class Pace:
    """The pace of a scripted model: milliseconds to the first token and between two tokens, and their number."""

    ttft: float = 50
    gap: float = 20
    tokens: int = 100

    @property
    def prompt(self) -> str:
        return f"Tell me of the harbour [[ttft={self.ttft} gap={self.gap} tokens={self.tokens}]]"

    def due_s(self, token: int) -> float:
        """When token `n` (from 0) is due, in seconds after the request."""
        return (self.ttft + token * self.gap) / 1000


@dataclass(frozen=True)
class StreamRequest:
    """One stream, requested `at` seconds after the start, but not before the previous one in its lane has ended."""

    side: Side
    url: str
    token: str = ""
    pace: Pace = field(default_factory=Pace)
    at: float = 0.0
    conversation: str | None = None  # None: the load generator opens one before the start

    def body(self) -> dict[str, Any]:
        return message_body(self.pace.prompt) if self.side == "chat" else {"text": self.pace.prompt}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        return cls(**{**data, "pace": Pace(**data["pace"])})


Lane = list[StreamRequest]
"""Sequential streams of one client."""


@dataclass
class StreamResult:
    """The result of one stream, in milliseconds. A lag is the delay of one token behind its due time."""

    side: Side
    started: float  # monotonic seconds
    ended: float
    ttft: float | None
    lags: list[float]
    frames: int
    tokens: int
    turn_id: str | None
    conversation: str | None
    text: str
    problem: str | None
    is_consistent: bool | None = None
    """Whether the log read from its start and the stored message both equal the streamed text."""

    @property
    def is_complete(self) -> bool:
        return self.problem is None and self.ttft is not None
