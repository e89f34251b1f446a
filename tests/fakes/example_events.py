"""Events of chat, for tests of the code that transports events."""

from typing import Any

from shared.clock import Clock
from shared.events.catalogue.chat import ConversationCreated, ModelInvoked, TurnCancelled
from shared.events.envelope import Actor, Envelope
from shared.ids import UlidIds

OWNER = "7d0c6f5e-3d0a-4d5f-9f2b-0c1de2a4b6c8"
ACTOR = Actor(kind="user", id=OWNER)


def conversation_created(clock: Clock) -> Envelope:
    ids = UlidIds(clock)
    data = ConversationCreated(conversation_id=ids.new("conv"), owner_id=OWNER, created_at=clock.now())
    return Envelope.of(
        data, source="colloquy.chat", subject=data.conversation_id, sequence=1, actor=ACTOR, clock=clock, ids=ids
    )


def model_invoked(clock: Clock, **changed: Any) -> Envelope:
    """The event of an opened invocation; `changed` replaces fields of its data, such as `revision`."""
    ids = UlidIds(clock)
    fields: dict[str, Any] = {
        "invocation_id": ids.new("inv"),
        "revision": 1,
        "principal_kind": "user",
        "principal_id": OWNER,
        "model": "scripted.echo",
        "purpose": "answer",
        "state": "opened",
        "input_tokens": 12,
        "output_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "cost_nano_usd": 0,
        "price_version": "2026-11-01",
        "started_at": clock.now(),
    }
    data = ModelInvoked(**(fields | changed))
    return Envelope.of(
        data,
        source="colloquy.chat",
        subject=data.invocation_id,
        sequence=data.revision,
        actor=ACTOR,
        clock=clock,
        ids=ids,
    )


def turn_cancelled(clock: Clock, turn_id: str) -> Envelope:
    ids = UlidIds(clock)
    data = TurnCancelled(
        turn_id=turn_id,
        conversation_id=ids.new("conv"),
        user_message_id=ids.new("msg"),
        message_id=ids.new("msg"),
        principal_kind="user",
        principal_id=OWNER,
        model="scripted.echo",
        attempt=1,
        started_at=clock.now(),
        ended_at=clock.now(),
    )
    return Envelope.of(
        data, source="colloquy.chat", subject=turn_id, sequence=1_000_000, actor=ACTOR, clock=clock, ids=ids
    )
