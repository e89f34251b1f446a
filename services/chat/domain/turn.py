"""A turn: one user message and the answer to it.

Its states: `running -> awaiting_tools -> running -> completed | failed | cancelled`.
"""

from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel

from services.chat.domain.message import TurnUsage

TurnState = Literal["running", "awaiting_tools", "completed", "failed", "cancelled"]
TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})


class TurnProblem(BaseModel):
    """Why a turn failed: problem details (RFC 9457), and whether trying again can help."""

    type: str
    title: str
    status: int
    detail: str
    retryable: bool

    @property
    def slug(self) -> str:
        return self.type.rpartition("/")[2]


class Turn(BaseModel):
    """`attempt` is part of every condition on a running turn: a process that claims the turn raises it first.

    `lease_until` and `deadline` are epoch ms; `lease_until` is 0 while no process runs the turn (it is queued, waits
    for tools, or was handed over). `takeovers` counts the runners that died.
    """

    id: str
    conversation_id: str
    owner_id: str
    principal_kind: Literal["user", "machine", "service"] = "user"
    user_message_id: str
    message_id: str
    model: str
    reasoning: bool = False
    tools: list[str] = []
    makes_title: bool = False
    state: TurnState = "running"
    attempt: int = 1
    takeovers: int = 0
    lease_until: int
    deadline: int
    cancel_requested: bool = False
    created_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    stop_reason: str | None = None
    error: TurnProblem | None = None
    usage: TurnUsage | None = None
    traceparent: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in TERMINAL

    def started_frame(self) -> dict[str, Any]:
        """Return the data of the frame `turn.started`."""
        return {
            "turn_id": self.id,
            "conversation_id": self.conversation_id,
            "user_message_id": self.user_message_id,
            "message_id": self.message_id,
            "model": self.model,
            "attempt": self.attempt,
        }
