"""Declares which queues a service consumes and which events or commands it handles.

The declarations are data: tests compare them with the templates, and `handled_by` compares them with the handlers.
"""

from dataclasses import dataclass
from typing import TypeVar

from shared.events.commands import Command
from shared.events.consumer.dispatch import CommandHandlers, EventHandlers
from shared.events.data import EventData

MessageType = type[EventData] | type[Command]
H = TypeVar("H", EventHandlers, CommandHandlers)


@dataclass(frozen=True)
class QueueDeclaration:
    """A queue that exists because this service consumes it.

    `name` is also the name of the role that polls it; the names of its settings and of its resources in the template
    begin with it. `handled`: the events or commands that have a handler. `everything`: the queue's rule brings all
    events, also those without a handler.
    """

    name: str
    handled: tuple[MessageType, ...]
    everything: bool = False

    def __post_init__(self) -> None:
        if not self.handled:
            raise ValueError(f"nothing handles the messages of queue {self.name}")

    @property
    def types(self) -> frozenset[str]:
        """Types of the events and commands that are handled."""
        return frozenset(_type_of(each) for each in self.handled)

    @property
    def settings(self) -> tuple[str, str]:
        """Names of the settings with the addresses of the queue and of its dead-letter queue."""
        return f"{self.name}_queue_url", f"{self.name}_dead_letter_queue_url"

    @property
    def resource(self) -> str:
        """The prefix of its resources: `Turns` of `TurnsQueue`, `TurnsDeadLetterQueue` and the function `Turns`."""
        return self.name.title()

    def handled_by(self, handlers: H) -> H:
        """The same handlers. Raises ValueError unless they handle exactly the declared types."""
        if handlers.types != self.types:
            missing, more = sorted(self.types - handlers.types), sorted(handlers.types - self.types)
            raise ValueError(f"queue {self.name}: no handler for {missing}, and not declared: {more}")
        return handlers


def _type_of(message: MessageType) -> str:
    return message.command_type if issubclass(message, Command) else message.event_type
