"""Every event, one class each: the public contract from which schemas and documentation are generated.

To add an event, write its class in the module of the service that publishes it.
"""

from types import ModuleType
from typing import Final

from shared.events.catalogue import agents, bots, chat, ingest
from shared.events.data import EventData

SERVICES: Final[tuple[ModuleType, ...]] = (chat, bots, ingest, agents)


def _events_of(module: ModuleType) -> list[type[EventData]]:
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, EventData) and "event_type" in vars(each)
    ]


EVENTS: Final[tuple[type[EventData], ...]] = tuple(event for module in SERVICES for event in _events_of(module))
