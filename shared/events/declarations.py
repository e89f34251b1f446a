"""Which queues a service consumes, and what it handles of each: data, to which handlers and templates are compared."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared.events.commands import Command
from shared.events.data import EventData

Handled = type[EventData] | type[Command]


class _Dispatcher(Protocol):
    @property
    def types(self) -> frozenset[str]: ...


H = TypeVar("H", bound=_Dispatcher)


@dataclass(frozen=True)
class QueueDeclaration:
    """A queue that exists because this service consumes it.

    `name` is also the name of its role, and its settings and the resources of its template begin with it. `handled`:
    events or commands. `everything`: its rule brings all events, also those that nothing here handles.
    """

    name: str
    handled: tuple[Handled, ...]
    everything: bool = False

    def __post_init__(self) -> None:
        if not self.handled:
            raise ValueError(f"nothing handles the messages of queue {self.name}")

    @property
    def types(self) -> frozenset[str]:
        """Of the events and commands that are handled."""
        return frozenset(_type(each) for each in self.handled)

    @property
    def settings(self) -> tuple[str, str]:
        """Names of the settings with the addresses of the queue and of its dead letters."""
        return f"{self.name}_queue_url", f"{self.name}_dead_letter_queue_url"

    @property
    def resource(self) -> str:
        """How its resources' names begin: `TurnsQueue`, `TurnsDeadLetterQueue`, and the function `Turns`."""
        return self.name.title()

    def checked(self, handlers: H) -> H:
        """The same handlers. Raises ValueError when they handle less or more than is declared."""
        if handlers.types != self.types:
            missing, more = sorted(self.types - handlers.types), sorted(handlers.types - self.types)
            raise ValueError(f"queue {self.name}: no handler for {missing}, and not declared: {more}")
        return handlers


def _type(handled: Handled) -> str:
    return handled.command_type if issubclass(handled, Command) else handled.event_type
