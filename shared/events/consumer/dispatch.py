"""Passes a queue's message to the function that handles its event or command."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from structlog.contextvars import bound_contextvars

from shared.events.commands import TYPE, Command
from shared.events.consumer.messages import PoisonMessageError, QueueMessage, describe_errors
from shared.events.data import EventData
from shared.events.envelope import Envelope
from shared.events.spans import event_attributes
from shared.telemetry import current_traceparent
from shared.telemetry.spans import entry_span

M = TypeVar("M", bound=BaseModel)
EventHandler = Callable[[Envelope, Any], Awaitable[None]]
CommandHandler = Callable[[Any], Awaitable[None]]


class _Delivery(BaseModel):
    """The body of a message that a rule of EventBridge puts on a queue."""

    model_config = ConfigDict(extra="ignore")

    detail: dict[str, Any]


class EventHandlers:
    """Handles the messages of a queue of events, as a Poller's `handle`: `EventHandlers({ModelInvoked: record})`.

    A function gets the envelope and the parsed data. While it runs, the event's id and trace are bound to its log
    lines. Event types without a function are ignored, so a rule may bring more than its consumer handles. A version
    other than the class's, or an event that cannot be parsed, raises PoisonMessageError.
    """

    def __init__(self, handlers: Mapping[type[EventData], EventHandler]) -> None:
        self._handlers = {event.event_type: (event, handle) for event, handle in handlers.items()}
        self.types = frozenset(self._handlers)

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
            entry_span(f"process {envelope.type}", "consumer", envelope.traceparent, attributes),
            bound_contextvars(event_id=envelope.id, event_type=envelope.type, traceparent=current_traceparent()),
        ):
            await handle(envelope, data)


class CommandHandlers:
    """Handles the messages of a queue of commands, as a Poller's `handle`: `CommandHandlers({RunTurn: run})`.

    The message attribute `type` names the command; its function gets the parsed body. An unknown type, or a body that
    cannot be parsed, raises PoisonMessageError; unknown fields of the body are ignored.

    `untyped` reads a message without a type, as releases sent them before commands had types: it returns one of the
    commands that are handled here, or raises PoisonMessageError. It is removed with the next release. Without it, a
    message without a type raises PoisonMessageError.
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
