"""From a queue's message to the function that handles its event or command."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from structlog.contextvars import bound_contextvars

from shared.events.commands import TYPE, Command
from shared.events.consumer.messages import PoisonMessageError, QueueMessage, describe_errors
from shared.events.data import EventData
from shared.events.envelope import Envelope
from shared.events.spans import event_attributes
from shared.telemetry.spans import entry_span

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Envelope, Any], Awaitable[None]]
CommandHandler = Callable[[Any], Awaitable[None]]


class _Delivery(BaseModel):
    """What a rule of EventBridge puts on a queue."""

    model_config = ConfigDict(extra="ignore")

    detail: dict[str, Any]


class EventHandlers:
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

    async def __call__(self, message: QueueMessage) -> None:
        detail = message.parse(_Delivery).detail
        known = self._handlers.get(str(detail.get("type")))
        if known is None:
            return
        envelope = _validate(Envelope, detail)
        event, handle = known
        if envelope.dataschema != event.dataschema():
            raise PoisonMessageError(f"unknown version: {envelope.dataschema}")
        data = _validate(event, envelope.data)
        attributes = event_attributes(envelope)
        with (
            entry_span(f"process {envelope.type}", "consumer", envelope.traceparent, attributes) as span,
            bound_contextvars(event_id=envelope.id, event_type=envelope.type, traceparent=span.traceparent),
        ):
            await handle(envelope, data)


class CommandHandlers:
    """Give one to a Poller as its `handle`: `CommandHandlers({RunTurn: run, CheckTurn: check}, untyped=read)`.

    The message attribute `type` says which command it is, and its function gets the parsed body. An unknown type, or a
    body that cannot be parsed, raises Poison; unknown fields of the body are ignored.

    `untyped` reads a message that has no type, as releases before types sent it: it returns one of the commands that
    are handled here, or raises Poison. It goes with the next release. Without it such a message is Poison.
    """

    def __init__(
        self,
        handlers: Mapping[type[Command], CommandHandler],
        *,
        untyped: Callable[[QueueMessage], Command] | None = None,
    ) -> None:
        self._handlers = {command.command_type: (command, handle) for command, handle in handlers.items()}
        self._untyped = untyped
        self.types = frozenset(self._handlers)

    async def __call__(self, message: QueueMessage) -> None:
        command_type = message.attributes.get(TYPE)
        if command_type is None:
            if self._untyped is None:
                raise PoisonMessageError("a command without type")
            command = self._untyped(message)
            _, handle = self._handlers[command.command_type]
        elif command_type in self._handlers:
            model, handle = self._handlers[command_type]
            command = message.parse(model)
        else:
            raise PoisonMessageError(f"unknown command: {command_type}")
        await handle(command)


def _validate(model: type[M], payload: dict[str, Any]) -> M:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise PoisonMessageError(f"{model.__name__}: {describe_errors(error)}") from None
