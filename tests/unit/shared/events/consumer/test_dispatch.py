"""A queue's message goes to the function for its event."""

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


class Heard:
    def __init__(self) -> None:
        self.told: list[tuple[Envelope, ConversationCreated]] = []
        self.bound: dict[str, Any] = {}
        self.trace: str | None = None

    async def __call__(self, envelope: Envelope, data: ConversationCreated) -> None:
        self.told.append((envelope, data))
        self.bound = dict(get_contextvars())
        self.trace = current_traceparent()


def handlers(heard: Heard) -> EventHandlers:
    return EventHandlers({ConversationCreated: heard})


def message(change: Callable[[dict[str, Any]], object] = lambda _: None) -> QueueMessage:
    detail = conversation_created(FakeClock()).model_dump(mode="json")
    change(detail)
    return QueueMessage("m", delivery(json.dumps(detail)), "r")


async def test_a_function_gets_the_envelope_and_the_parsed_data_of_its_event() -> None:
    heard = Heard()
    await handlers(heard)(message())
    ((envelope, data),) = heard.told
    assert envelope.type == "chat.conversation.created"
    assert data.model_dump(mode="json") == envelope.data


async def test_every_log_line_of_a_handler_names_its_event_and_goes_on_in_its_trace() -> None:
    heard = Heard()
    await handlers(heard)(message(lambda detail: detail.update(traceparent=TRACE)))
    assert heard.bound["event_id"] == heard.told[0][0].id
    assert heard.bound["event_type"] == "chat.conversation.created"
    assert heard.bound["traceparent"] == heard.trace
    assert heard.trace != TRACE
    assert heard.trace is not None
    assert heard.trace.split("-")[1] == TRACE.split("-")[1]


async def test_nothing_stays_bound_after_a_handler() -> None:
    await handlers(Heard())(message())
    assert "event_id" not in get_contextvars()
    assert current_traceparent() is None


async def test_an_event_without_a_handler_is_ignored_even_when_it_is_unreadable() -> None:
    heard = Heard()
    await handlers(heard)(message(lambda detail: detail.update(type="chat.feedback.given", data=None)))
    assert heard.told == []


async def test_fields_that_a_later_release_adds_are_ignored() -> None:
    heard = Heard()
    await handlers(heard)(message(lambda detail: detail["data"].update(folder_id="x")))
    assert len(heard.told) == 1


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
        await handlers(Heard())(message(change))
    assert caught.value.reason == reason


@pytest.mark.parametrize("body", ["not json", "[]", '{"detail": "text"}', "{}"])
async def test_a_body_that_is_no_delivery_of_the_bus_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        await handlers(Heard())(QueueMessage("m", body, "r"))
