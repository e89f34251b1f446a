"""Spans of publishing and processing an event; both are children of the span that emitted the event."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from shared.telemetry.spans import Value, fail, start_span


class EventReference(Protocol):
    """The attributes of an envelope that its spans need."""

    @property
    def id(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def traceparent(self) -> str | None: ...


def event_attributes(envelope: EventReference) -> dict[str, Value]:
    return {
        "messaging.system": "aws_eventbridge",
        "cloudevents.event_id": envelope.id,
        "cloudevents.event_source": envelope.source,
        "cloudevents.event_type": envelope.type,
    }


@contextmanager
def publish_spans(bus: str, envelopes: Sequence[EventReference]) -> Iterator[None]:
    """One span for each event of a call that publishes several. An exception fails all of them."""
    spans = [
        start_span(
            f"publish {each.type}",
            "producer",
            event_attributes(each) | {"messaging.destination.name": bus, "messaging.operation.type": "send"},
            each.traceparent,
        )
        for each in envelopes
    ]
    try:
        yield
    except BaseException as error:
        for each in spans:
            fail(each, type(error).__name__)
        raise
    finally:
        for each in spans:
            each.end()
