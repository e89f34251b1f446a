"""Sample events for a queue: valid ones, and poison of every kind."""

import json
import random
from datetime import timedelta
from typing import Any, Final

from shared.clock import SystemClock
from shared.events.catalogue.chat import ModelInvoked
from shared.events.envelope import Actor, Envelope
from shared.ids import UlidIds

_CLOCK: Final = SystemClock()
_IDS: Final = UlidIds(_CLOCK)
_PAYER: Final = "chaos-payer"


def model_invoked() -> Envelope:
    """A call that somebody paid for, told once and for all."""
    now = _CLOCK.now()
    data = ModelInvoked(
        invocation_id=_IDS.new("inv"),
        revision=2,
        principal_kind="user",
        principal_id=_PAYER,
        model="scripted.lorem",
        purpose="answer",
        state="settled",
        input_tokens=10,
        output_tokens=20,
        cache_read_tokens=0,
        cache_write_tokens=0,
        cost_nano_usd=30,
        price_version="chaos",
        basis="reported",
        started_at=now - timedelta(seconds=1),
        ended_at=now,
    )
    return Envelope.of(
        data,
        source="colloquy.chat",
        subject=data.invocation_id,
        sequence=2,
        actor=Actor(kind="user", id=_PAYER),
        clock=_CLOCK,
        ids=_IDS,
    )


def as_delivered(envelope: Envelope) -> str:
    """The body of a message by which the bus brings this event to a queue."""
    return json.dumps(
        {"detail-type": envelope.type, "source": envelope.source, "detail": json.loads(envelope.model_dump_json())}
    )


def poison(rng: random.Random) -> str:
    """A body that no consumer can work on."""
    told: dict[str, Any] = json.loads(as_delivered(model_invoked()))
    kind = rng.randrange(5)
    if kind == 0:
        return "{half a document"
    if kind == 1:
        told["detail"]["dataschema"] = "chat.model.invoked/99"
    elif kind == 2:
        told["detail"]["data"]["output_tokens"] = "many"
    elif kind == 3:
        del told["detail"]["data"]
    else:
        told["detail"] = None
    return json.dumps(told)
