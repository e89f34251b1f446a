"""A turn: one user message and the answer to it.

Its states: `running -> awaiting_tools -> running -> completed | failed | cancelled`.
"""

from enum import Enum
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel

from services.chat.domain.context_record import ToolOffer
from services.chat.domain.request_level import Narrowed
from services.chat.domain.usage import TurnUsage
from shared.catalogue import EffortLevel
from shared.llm.invocation import InvocationContext, PrincipalKind

TurnState = Literal["running", "awaiting_tools", "completed", "failed", "cancelled"]
TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
NO_LEASE: Final = 0
"""`lease_until` of a turn without a runner: it is queued, waits for its tools, or was handed over."""
NEVER_RUN: Final = 0
"""`attempt` of a turn that is queued for its first run."""


class Runner(Enum):
    """Whether a process runs a turn, as its attempt and lease say."""

    NOT_YET = "not yet"
    """It is queued for its first run."""
    NONE = "none"
    """It waits for its tools or was handed over."""
    HOLDS_LEASE = "holds lease"
    LOST = "lost"
    """The lease has run out, so its process has died, or is slow and will be fenced."""


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
    """`attempt` is the fence: a process that takes a turn over raises it first. `takeovers` counts runners that died.

    `lease_until` and `deadline` are epoch ms.
    """

    id: str
    conversation_id: str
    owner_id: str
    principal_kind: PrincipalKind = "user"
    user_message_id: str
    message_id: str
    model: str
    reasoning: bool = False
    effort: EffortLevel | None = None
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
    narrowed: Narrowed | None = None
    traceparent: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in TERMINAL

    @property
    def has_lease(self) -> bool:
        """Whether a process took the turn and has not released it; when the lease has run out, that process died."""
        return self.lease_until != NO_LEASE

    @property
    def was_never_run(self) -> bool:
        return self.attempt == NEVER_RUN

    def is_held(self, now: int) -> bool:
        """Whether a lease on the turn still holds. `now` is epoch ms."""
        return self.lease_until > now

    def runner(self, now: int) -> Runner:
        """The state of its runner. `now` is epoch ms."""
        if self.is_held(now):
            return Runner.HOLDS_LEASE
        if self.has_lease:
            return Runner.LOST
        return Runner.NOT_YET if self.was_never_run else Runner.NONE

    @property
    def thinks(self) -> bool:
        """Whether its model is asked to think."""
        return self.reasoning if self.effort is None else self.effort != "none"

    @property
    def invocation_context(self) -> InvocationContext:
        """What the invocations of the turn record about it."""
        return InvocationContext(
            self.owner_id, self.principal_kind, turn_id=self.id, conversation_id=self.conversation_id
        )

    @property
    def tool_offer(self) -> ToolOffer:
        return ToolOffer(tuple(self.tools), self.owner_id, self.principal_kind, self.conversation_id)

    def started_frame(self) -> dict[str, Any]:
        return {
            "turn_id": self.id,
            "conversation_id": self.conversation_id,
            "user_message_id": self.user_message_id,
            "message_id": self.message_id,
            "model": self.model,
            "attempt": self.attempt,
        }
