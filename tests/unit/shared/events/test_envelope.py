"""The envelope: CloudEvents attributes around every event."""

import pytest
from pydantic import ValidationError

from shared.events.catalogue.chat import ConversationCreated
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from shared.telemetry.spans import trace_context
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import ACTOR, OWNER, conversation_created

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def wrapped(source: str = "colloquy.chat", subject: str = "conv_1", **more: str) -> Envelope:
    clock = FakeClock()
    ids = UlidIds(clock)
    data = ConversationCreated(conversation_id=ids.new("conv"), owner_id=OWNER, created_at=clock.now())
    return Envelope.of(data, source=source, subject=subject, sequence=3, actor=ACTOR, clock=clock, ids=ids, **more)


def test_an_envelope_has_type_version_and_time_of_its_event() -> None:
    envelope = wrapped(causation_id="req_1")
    assert envelope.specversion == "1.0"
    assert envelope.id.startswith("evt_")
    assert (envelope.type, envelope.dataschema, envelope.version()) == (
        "chat.conversation.created",
        "chat.conversation.created/1",
        1,
    )
    assert (envelope.subject, envelope.sequence, envelope.causation_id) == ("conv_1", 3, "req_1")
    assert envelope.time == FakeClock().now()
    assert envelope.data["created_at"] == "2026-11-23T12:00:00Z"


def test_an_envelope_is_written_to_json_and_read_back() -> None:
    envelope = conversation_created(FakeClock())
    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope


def test_attributes_that_a_later_release_adds_are_ignored() -> None:
    envelope = conversation_created(FakeClock())
    later = envelope.model_dump(mode="json") | {"region": "eu", "actor": {**ACTOR.model_dump(), "device": "phone"}}
    assert Envelope.model_validate(later) == envelope


def test_no_service_publishes_the_events_of_another() -> None:
    with pytest.raises(ValueError, match=r"published by colloquy\.chat, not by colloquy\.bots"):
        wrapped(source="colloquy.bots")


@pytest.mark.parametrize("subject", ["someone@example.com", "two words", "", "x" * 129])
def test_a_subject_that_is_no_id_is_refused(subject: str) -> None:
    with pytest.raises(ValidationError):
        wrapped(subject=subject)


def test_an_envelope_has_the_current_trace_unless_another_is_given() -> None:
    with trace_context(TRACE):
        assert wrapped().traceparent == TRACE
        other = TRACE.replace("4bf9", "5bf9")
        assert wrapped(traceparent=other).traceparent == other
    assert wrapped().traceparent is None
