"""What agents tells."""

from typing import ClassVar

from shared.events.catalogue.usage import Invocation


class ModelInvoked(Invocation):
    """Agents asked a model, and later: what it cost. The highest revision of an invocation is true."""

    event_type: ClassVar[str] = "agents.model.invoked"
    version: ClassVar[int] = 1
