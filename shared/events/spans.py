"""Spans of an event on its way: told to the bus, heard by a consumer; both beneath the work that it tells of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from shared.telemetry.spans import Value, start_span


class EventReference(Protocol):
    """An envelope, or what is known of one."""

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
    """One span for each event of a call that publishes several. An exception that leaves the block fails them all."""
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
            each.fail(type(error).__name__)
        raise
    finally:
        for each in spans:
            each.end()
