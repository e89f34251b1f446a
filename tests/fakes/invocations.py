"""Events of model calls, as chat publishes them: opened, then settled."""

from datetime import datetime, timedelta
from typing import Any

from shared.events.envelope import Envelope
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import model_invoked


def opened(
    clock: FakeClock, invocation_id: str, started_at: datetime, user_id: str = "ann", **changed: Any
) -> Envelope:
    return model_invoked(clock, invocation_id=invocation_id, principal_id=user_id, started_at=started_at, **changed)


def settled(
    clock: FakeClock, invocation_id: str, started_at: datetime, user_id: str = "ann", **changed: Any
) -> Envelope:
    """12 input tokens, 30 output tokens and 5 000 nano-USD; `changed` replaces fields."""
    fields = {
        "revision": 2,
        "state": "settled",
        "output_tokens": 30,
        "cost_nano_usd": 5_000,
        "basis": "reported",
        "ended_at": started_at + timedelta(seconds=2),
    }
    return opened(clock, invocation_id, started_at, user_id, **(fields | changed))
