"""The record of a tool's execution: caller, tool and duration, never input or output."""

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel, JsonValue

State = Literal["running", "succeeded", "failed"]


class ToolCall(BaseModel):
    """A call of a turn has a `turn_id` and a lease (epoch ms). After its lease, its process is taken to be dead.

    `attempt` is the fence: a process that takes the call over raises it first.
    """

    id: str
    tool: str
    principal_kind: Literal["user", "machine", "service"]
    principal_id: str
    state: State = "running"
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    took_ms: int | None = None
    turn_id: str | None = None
    attempt: int = 1
    lease_until: int | None = None

    @property
    def ended(self) -> bool:
        return self.state != "running"


@dataclass(frozen=True)
class TrialOutcome:
    """The result of trying a tool: either `output` or `error`, a text for the caller."""

    call: ToolCall
    output: dict[str, JsonValue] | None = None
    error: str | None = None
