"""What the release of November 2026 does with a message: a frozen copy of what its consumers accept.

Copied from commit 61625e7 and never changed: `services/chat/summons.py`, `services/chat/consumers.py`,
`shared/events/{commands,data,envelope,dispatch,messages}.py`, the event classes that a consumer acts on, and which
consumer acts on which. It imports nothing of `services` or `shared`, so that renames there cannot change it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    RootModel,
    StringConstraints,
    ValidationError,
    model_validator,
)

M = TypeVar("M", bound=BaseModel)
_ULID: Final = "[0-7][0-9A-HJKMNP-TV-Z]{25}"

EventId = Annotated[str, StringConstraints(pattern=f"^evt_{_ULID}$")]
ConversationId = Annotated[str, StringConstraints(pattern=f"^conv_{_ULID}$")]
MessageId = Annotated[str, StringConstraints(pattern=f"^msg_{_ULID}$")]
TurnId = Annotated[str, StringConstraints(pattern=f"^turn_{_ULID}$")]
InvocationId = Annotated[str, StringConstraints(pattern=f"^inv_{_ULID}$")]
CallId = Annotated[str, StringConstraints(pattern=f"^call_{_ULID}$")]
BotId = Annotated[str, StringConstraints(pattern=f"^bot_{_ULID}$")]
PrincipalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
ModelId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,159}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Count = Annotated[int, Field(ge=0)]
Revision = Annotated[int, Field(ge=1)]
PrincipalKind = Literal["user", "machine", "service"]


# The queue `turns`.


class SummonedToTurn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    turn_id: str
    since: int


class SummonedToErase(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: str
    owner_id: str
    since: int


class ToolAnswered(BaseModel):
    model_config = ConfigDict(extra="ignore")

    turn_id: TurnId
    call_id: CallId
    status: Literal["success", "error"]
    output: JsonValue
    took_ms: int = Field(ge=0)
    traceparent: str | None = None


class Summoned(RootModel[SummonedToErase | ToolAnswered | SummonedToTurn]):
    pass


# The queue `calls`.


class CallTool(BaseModel):
    model_config = ConfigDict(extra="ignore")

    call_id: CallId
    turn_id: TurnId
    principal_kind: PrincipalKind
    principal_id: PrincipalId
    name: str = Field(max_length=64)
    input: dict[str, JsonValue]
    deadline: int
    traceparent: str | None = None


# The events queues.


class Actor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: PrincipalKind
    id: PrincipalId


class Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: EventId
    source: Annotated[str, StringConstraints(pattern=r"^colloquy\.[a-z]+$")]
    type: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+){2}$")]
    dataschema: Annotated[str, StringConstraints(pattern=r"^[a-z_.]+/[1-9][0-9]*$")]
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,128}$")]
    sequence: Annotated[int, Field(ge=0)]
    time: AwareDatetime
    actor: Actor
    causation_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None = None
    traceparent: (
        Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None
    ) = None
    data: dict[str, Any]


class _EventData(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelInvoked(_EventData):
    invocation_id: InvocationId
    revision: Revision
    turn_id: TurnId | None = None
    conversation_id: ConversationId | None = None
    principal_kind: PrincipalKind
    principal_id: PrincipalId
    bot_id: BotId | None = None
    model: ModelId
    purpose: Literal["answer", "title", "rewrite", "embedding", "guardrail"]
    state: Literal["opened", "settled"]
    input_tokens: Count
    output_tokens: Count
    cache_read_tokens: Count
    cache_write_tokens: Count
    cost_nano_usd: Count
    price_version: Slug
    basis: Literal["reported", "estimated"] | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _settled_has_basis_and_end(self) -> Self:
        settled = self.state == "settled"
        if (self.basis is not None) != settled or (self.ended_at is not None) != settled:
            raise ValueError("basis and ended_at belong to a settled invocation, and only to that")
        return self


class TurnCancelled(_EventData):
    turn_id: TurnId
    conversation_id: ConversationId
    user_message_id: MessageId
    message_id: MessageId
    principal_kind: PrincipalKind
    principal_id: PrincipalId
    bot_id: BotId | None = None
    model: ModelId
    attempt: Revision
    started_at: AwareDatetime
    ended_at: AwareDatetime


class _BotEvent(_EventData):
    bot_id: BotId
    owner_id: PrincipalId
    bot_version: Revision


class BotCreated(_BotEvent):
    created_at: AwareDatetime


class BotUpdated(_BotEvent):
    updated_at: AwareDatetime


class BotShared(_BotEvent):
    scope: Literal["private", "partial", "all"]
    shared_at: AwareDatetime


class BotDeleted(_BotEvent):
    deleted_at: AwareDatetime


HANDLERS: Final[Mapping[str, Mapping[str, type[BaseModel]]]] = {
    "agents": {"chat.turn.cancelled": TurnCancelled},
    "analytics": {
        "chat.model.invoked": ModelInvoked,
        "ingest.model.invoked": ModelInvoked,
        "agents.model.invoked": ModelInvoked,
    },
    "bots": {},
    "ingest": {
        "bots.bot.created": BotCreated,
        "bots.bot.updated": BotUpdated,
        "bots.bot.shared": BotShared,
        "bots.bot.deleted": BotDeleted,
    },
}
"""By service: the event types that its consumer acts on, all of version 1. It ignores all others."""


class _Delivery(BaseModel):
    model_config = ConfigDict(extra="ignore")

    detail: dict[str, Any]


class _Poison(Exception):  # noqa: N818 - the release's own name
    """The message goes to the dead letters."""


def on_turns_queue(body: str, _attributes: Mapping[str, str]) -> str:
    """What chat does. It tells the commands apart by their fields and reads no attribute."""
    try:
        summoned = _parsed(Summoned, body).root
    except _Poison as poison:
        return f"poison: {poison}"
    if isinstance(summoned, SummonedToTurn):
        return f"run or watch {summoned.turn_id}"
    if isinstance(summoned, ToolAnswered):
        return f"take the answer to {summoned.call_id} of {summoned.turn_id}"
    return f"erase {summoned.conversation_id} of {summoned.owner_id}"


def on_calls_queue(body: str, _attributes: Mapping[str, str]) -> str:
    """What agents does."""
    try:
        asked = _parsed(CallTool, body)
    except _Poison as poison:
        return f"poison: {poison}"
    return f"call {asked.name} for {asked.call_id} of {asked.turn_id}"


def on_events_queue(service: str, body: str) -> str:
    """What the consumer of this service does with a delivery of EventBridge."""
    try:
        return _handled(service, _parsed(_Delivery, body).detail)
    except _Poison as poison:
        return f"poison: {poison}"


def _handled(service: str, detail: Mapping[str, Any]) -> str:
    event_type = detail.get("type")
    if service == "analytics" and not isinstance(event_type, str):
        raise _Poison("detail.type: string_type")  # it counts events by their type first
    data = HANDLERS[service].get(str(event_type))
    if data is None:
        return f"ignored: {event_type}"
    envelope = _read(Envelope, detail)
    if envelope.dataschema != f"{envelope.type}/1":
        raise _Poison(f"unknown version: {envelope.dataschema}")
    _read(data, envelope.data)
    return f"handle {envelope.type} of {envelope.subject}"


def _parsed(model: type[M], body: str) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _Poison(_faults(model, error)) from None


def _read(model: type[M], payload: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise _Poison(_faults(model, error)) from None


def _faults(model: type[BaseModel], error: ValidationError) -> str:
    named = [f"{'.'.join(str(step) for step in each['loc']) or 'body'}: {each['type']}" for each in error.errors()]
    return f"{model.__name__}: {'; '.join(named[:3])}"
