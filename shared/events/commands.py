"""Commands: one service asks exactly one receiver to do something, through the receiver's own queue.

Unlike events, they carry the content that the work needs; so they are sent nowhere else. A command's type is the
message attribute `type`; its body has the fields of the class and nothing else, as in releases without types.
"""

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from shared.events.data import CallId, PrincipalId, TurnId

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

TYPE: Final = "type"
"""Name of the message attribute that holds a command's type."""


class Command(BaseModel):
    """Base of all commands. Unknown fields are ignored when a command is parsed."""

    model_config = ConfigDict(extra="ignore")

    command_type: ClassVar[str]
    """`<receiver>.<subject>.<verb>`."""


class CallTool(Command):
    """From chat to agents, queue *calls*: call this tool once and answer with AnswerToolCall. `deadline`: epoch ms."""

    command_type = "agents.tool_call.execute"

    call_id: CallId
    turn_id: TurnId
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    name: str = Field(max_length=64)
    input: dict[str, JsonValue]
    deadline: int
    traceparent: str | None = None


class AnswerToolCall(Command):
    """From agents to chat, queue *turns*: the result of a call. The output of an `error` is `{"error": "why"}`."""

    command_type = "chat.tool_call.answer"

    turn_id: TurnId
    call_id: CallId
    status: Literal["success", "error"]
    output: JsonValue
    took_ms: int = Field(ge=0)
    traceparent: str | None = None


class CommandQueue:
    """Sends commands to one queue."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    async def send(self, command: Command, delay_s: int = 0) -> None:
        """Send `command`, to be delivered after `delay_s` seconds (0-900). Raises what the client raises."""
        await self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=command.model_dump_json(),
            DelaySeconds=delay_s,
            MessageAttributes={TYPE: {"DataType": "String", "StringValue": command.command_type}},
        )
