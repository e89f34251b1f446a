"""A message of a queue is passed to the handler of its event."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from shared.events.catalogue.chat import ConversationCreated
from shared.events.consumer.dispatch import EventHandlers
from shared.events.consumer.messages import PoisonMessageError, QueueMessage
from shared.events.envelope import Envelope
from shared.telemetry import current_traceparent
from tests.fakes.clock import FakeClock
from tests.fakes.event_bus import delivery
from tests.fakes.example_events import conversation_created

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class RecordingHandler:
    def __init__(self) -> None:
        self.received: list[tuple[Envelope, ConversationCreated]] = []
        self.bound: dict[str, Any] = {}
        self.trace: str | None = None

    async def __call__(self, envelope: Envelope, data: ConversationCreated) -> None:
        self.received.append((envelope, data))
        self.bound = dict(get_contextvars())
        self.trace = current_traceparent()


def handlers(handler: RecordingHandler) -> EventHandlers:
    return EventHandlers({ConversationCreated: handler})


def message(change: Callable[[dict[str, Any]], object] = lambda _: None) -> QueueMessage:
    detail = conversation_created(FakeClock()).model_dump(mode="json")
    change(detail)
    return QueueMessage("m", delivery(json.dumps(detail)), "r")


async def test_a_handler_gets_the_envelope_and_the_parsed_data_of_its_event() -> None:
    handler = RecordingHandler()
    await handlers(handler)(message())
    ((envelope, data),) = handler.received
    assert envelope.type == "chat.conversation.created"
    assert data.model_dump(mode="json") == envelope.data


async def test_a_handler_runs_with_the_event_in_its_log_context_and_trace() -> None:
    handler = RecordingHandler()
    await handlers(handler)(message(lambda detail: detail.update(traceparent=TRACE)))
    assert handler.bound["event_id"] == handler.received[0][0].id
    assert handler.bound["event_type"] == "chat.conversation.created"
    assert handler.bound["traceparent"] == handler.trace
    assert handler.trace != TRACE
    assert handler.trace is not None
    assert handler.trace.split("-")[1] == TRACE.split("-")[1]


async def test_nothing_stays_bound_after_a_handler() -> None:
    await handlers(RecordingHandler())(message())
    assert "event_id" not in get_contextvars()
    assert current_traceparent() is None


async def test_an_event_without_a_handler_is_ignored_even_when_it_is_unreadable() -> None:
    handler = RecordingHandler()
    await handlers(handler)(message(lambda detail: detail.update(type="chat.feedback.given", data=None)))
    assert handler.received == []


async def test_fields_that_a_later_release_adds_are_ignored() -> None:
    handler = RecordingHandler()
    await handlers(handler)(message(lambda detail: detail["data"].update(folder_id="x")))
    assert len(handler.received) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.update(dataschema="chat.conversation.created/2"), "unknown version: chat.conversation.created/2"),
        (lambda d: d["data"].pop("owner_id"), "ConversationCreated: owner_id: missing"),
        (lambda d: d["data"].update(owner_id="the secret"), "ConversationCreated: owner_id: string_pattern_mismatch"),
        (lambda d: d.update(time="the secret"), "Envelope: time: datetime_from_date_parsing"),
        (lambda d: d.update(specversion="2.0"), "Envelope: specversion: literal_error"),
    ],
)
async def test_an_event_that_cannot_be_read_is_poison_whose_reason_quotes_nothing(
    change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    with pytest.raises(PoisonMessageError) as caught:
        await handlers(RecordingHandler())(message(change))
    assert caught.value.reason == reason


@pytest.mark.parametrize("body", ["not json", "[]", '{"detail": "text"}', "{}"])
async def test_a_body_that_is_no_delivery_of_the_bus_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        await handlers(RecordingHandler())(QueueMessage("m", body, "r"))
