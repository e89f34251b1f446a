"""Commands: what one service asks of exactly one other, by that service's own queue. Both sides read them from here.

Unlike events they carry what the work needs, so they go nowhere else.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.events.data import CallId, PrincipalId, TurnId


class CallTool(BaseModel):
    """Chat to agents, queue *calls*: call this tool once, answer by ToolAnswered. `deadline`: epoch ms."""

    model_config = ConfigDict(extra="ignore")

    call_id: CallId
    turn_id: TurnId
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    name: str = Field(max_length=64)
    input: dict[str, JsonValue]
    deadline: int
    traceparent: str | None = None


class ToolAnswered(BaseModel):
    """Agents to chat, queue *turns*: what came of a call. An `error`'s output is `{"error": "why"}`."""

    model_config = ConfigDict(extra="ignore")

    turn_id: TurnId
    call_id: CallId
    status: Literal["success", "error"]
    output: JsonValue
    took_ms: int = Field(ge=0)
    traceparent: str | None = None
