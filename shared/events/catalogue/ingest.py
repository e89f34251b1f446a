"""The events that ingest publishes."""

from typing import ClassVar

from shared.events.catalogue.usage import InvocationEvent


class ModelInvoked(InvocationEvent):
    """Ingest asked a model, and later: what it cost. The highest revision of an invocation is true."""

    event_type: ClassVar[str] = "ingest.model.invoked"
    version: ClassVar[int] = 1
