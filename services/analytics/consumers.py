"""Handlers of analytics' queue: it gets all events, records those of model calls, and counts all of them."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import BaseModel, ConfigDict

from services.analytics.domain import LedgerRow
from services.analytics.ledger import Ledger
from shared.events.catalogue import EVENTS, agents, chat, ingest
from shared.events.catalogue.usage import InvocationEvent
from shared.events.consumer.dispatch import Handlers
from shared.events.consumer.messages import QueueMessage
from shared.events.declarations import QueueDeclaration
from shared.events.envelope import SOURCE_PREFIX, Envelope
from shared.telemetry import Metrics

_INVOCATIONS: Final[tuple[type[InvocationEvent], ...]] = (chat.ModelInvoked, ingest.ModelInvoked, agents.ModelInvoked)
_EVENTS: Final = QueueDeclaration("events", _INVOCATIONS, everything=True)
QUEUES: Final = (_EVENTS,)
_KNOWN_TYPES: Final = frozenset(event.event_type for event in EVENTS)


def event_handlers(ledger: Ledger) -> Handlers:
    async def on_model_invoked(envelope: Envelope, data: InvocationEvent) -> None:
        service = envelope.source.removeprefix(SOURCE_PREFIX)
        await ledger.record(LedgerRow(service=service, **data.model_dump()))

    return _EVENTS.checked(Handlers({event.event_type: (event, on_model_invoked) for event in _INVOCATIONS}))


class _Detail(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str


class _BusMessage(BaseModel):
    model_config = ConfigDict(extra="ignore")
    detail: _Detail


class EventCounter:
    """Counts each message by its event's type once `handle` has handled it; unknown types count as `unknown`."""

    def __init__(self, handle: Callable[[QueueMessage], Awaitable[None]], metrics: Metrics) -> None:
        self._handle = handle
        self._metrics = metrics

    async def __call__(self, message: QueueMessage) -> None:
        event_type = message.parse(_BusMessage).detail.type
        await self._handle(message)
        self._metrics.put("EventsHeard", 1, type=event_type if event_type in _KNOWN_TYPES else "unknown")
