"""From a queue's message to the function that handles its event or command."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from structlog.contextvars import bound_contextvars

from shared.events.commands import TYPE, Command
from shared.events.consumer.messages import Message, Poison, faults
from shared.events.data import EventData
from shared.events.envelope import Envelope
from shared.events.spans import named
from shared.telemetry.spans import entered

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Envelope, Any], Awaitable[None]]
CommandHandler = Callable[[Any], Awaitable[None]]


class _Delivery(BaseModel):
    """What a rule of EventBridge puts on a queue."""

    model_config = ConfigDict(extra="ignore")

    detail: dict[str, Any]


class Handlers:
    """Give one to a Poller as its `handle`: `Handlers({"chat.model.invoked": (ModelInvoked, on_model_invoked)})`.

    A function gets the envelope and the parsed data, with the event's id and trace bound to its log lines. Event types
    that are not named are ignored, so that a rule may be wider than its consumer; a version other than the class's,
    or an event that cannot be parsed, raises Poison.
    """

    def __init__(self, handlers: Mapping[str, tuple[type[EventData], Handler]]) -> None:
        for event_type, (data, _) in handlers.items():
            if data.event_type != event_type:
                raise ValueError(f"{data.__name__} is {data.event_type}, not {event_type}")
        self._handlers = dict(handlers)
        self.types = frozenset(handlers)

    async def __call__(self, message: Message) -> None:
        detail = message.parse(_Delivery).detail
        known = self._handlers.get(str(detail.get("type")))
        if known is None:
            return
        envelope = _read(Envelope, detail)
        data, handle = known
        if envelope.dataschema != data.dataschema():
            raise Poison(f"unknown version: {envelope.dataschema}")
        told = _read(data, envelope.data)
        with (
            entered(f"process {envelope.type}", "consumer", envelope.traceparent, named(envelope)) as span,
            bound_contextvars(event_id=envelope.id, event_type=envelope.type, traceparent=span.traceparent),
        ):
            await handle(envelope, told)


class CommandHandlers:
    """Give one to a Poller as its `handle`: `CommandHandlers({RunTurn: run, CheckTurn: check}, untyped=read)`.

    The message attribute `type` says which command it is, and its function gets the parsed body. An unknown type, or a
    body that cannot be parsed, raises Poison; unknown fields of the body are ignored.

    `untyped` reads a message that has no type, as releases before types sent it: it returns one of the commands that
    are handled here, or raises Poison. It goes with the next release. Without it such a message is Poison.
    """

    def __init__(
        self, handlers: Mapping[type[Command], CommandHandler], *, untyped: Callable[[Message], Command] | None = None
    ) -> None:
        self._handlers = {command.command_type: (command, handle) for command, handle in handlers.items()}
        self._untyped = untyped
        self.types = frozenset(self._handlers)

    async def __call__(self, message: Message) -> None:
        named = message.attributes.get(TYPE)
        if named is None:
            if self._untyped is None:
                raise Poison("a command without type")
            command = self._untyped(message)
            _, handle = self._handlers[command.command_type]
        elif named in self._handlers:
            model, handle = self._handlers[named]
            command = message.parse(model)
        else:
            raise Poison(f"unknown command: {named}")
        await handle(command)


def _read(model: type[M], payload: dict[str, Any]) -> M:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise Poison(f"{model.__name__}: {faults(error)}") from None
