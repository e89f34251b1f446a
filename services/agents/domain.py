"""One execution of a tool, as it is recorded: who, what and how long, never what went in or came out."""

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel, JsonValue

State = Literal["running", "succeeded", "failed"]


class ToolCall(BaseModel):
    id: str
    tool: str
    principal_kind: Literal["user", "machine", "service"]
    principal_id: str
    state: State = "running"
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    took_ms: int | None = None


@dataclass(frozen=True)
class Outcome:
    """Either `output` or `error`, which is for whoever asked."""

    call: ToolCall
    output: dict[str, JsonValue] | None = None
    error: str | None = None
