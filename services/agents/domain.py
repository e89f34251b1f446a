"""One execution of a tool, as it is recorded: who, what and how long, never what went in or came out."""

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel, JsonValue

State = Literal["running", "succeeded", "failed"]


class ToolCall(BaseModel):
    """A call that a turn asked for has a `turn_id`, and a lease (epoch ms) that ends when its executor must be dead.

    `attempt` is the fence: whoever executes it after another raises it first.
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
    """Either `output` or `error`, which is for whoever asked."""

    call: ToolCall
    output: dict[str, JsonValue] | None = None
    error: str | None = None
