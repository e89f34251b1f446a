"""Spans: how long operations take, and which operation caused which. They are spans of OpenTelemetry's API.

The trace context (`traceparent`) is always passed on, in logs and events. Spans are recorded only while they are
exported (`export_spans`); otherwise they cost almost nothing. Their attributes are names, states, counts and ids, never
text of people or models.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal

from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    TracerProvider,
    get_current_span,
    use_span,
)
from opentelemetry.util.types import AttributeValue as Value

from shared.telemetry.traces import context_of, new_span_context

__all__ = ["Attributes", "Kind", "Span", "Value", "entry_span", "fail", "record_spans", "span", "start_span"]

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, Value]
_NO_ATTRIBUTES: Final[Attributes] = {}
_NOT_RECORDED: Final = NoOpTracer()
_tracers: Final[list[Tracer]] = [_NOT_RECORDED]


@contextmanager
def record_spans(provider: TracerProvider) -> Iterator[None]:
    """Record the spans of this process with `provider` while the block runs.

    OpenTelemetry's global provider can be set once per process only, and cannot be taken away again.
    """
    tracer = provider.get_tracer("colloquy")
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)


def start_span(
    name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES, parent: str | None = None
) -> Span:
    """Start a span that ends when `end` is called, as a child of `parent` or of the current span.

    It does not become the current span. For operations that start and end in different contexts, such as generators,
    and for several at a time.
    """
    context = context_of(parent) if parent else None
    return _tracers[-1].start_span(name, context, SpanKind[kind.upper()], attributes)


@contextmanager
def span(name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES) -> Iterator[Span]:
    """A child of the current span, and the current span within the block. An exception fails it."""
    with _current(start_span(name, kind, attributes)) as started:
        yield started


@contextmanager
def entry_span(
    name: str, kind: Kind, parent: str | None, attributes: Attributes = _NO_ATTRIBUTES, *, recorded: bool = True
) -> Iterator[Span]:
    """As `span`, where work enters the process: `parent` is the traceparent of the caller, message or row.

    When it is missing or malformed, a new trace starts. With `recorded=False` only the trace context is passed on.
    """
    context = context_of(parent)
    tracer = _tracers[-1] if recorded else _NOT_RECORDED
    if tracer is _NOT_RECORDED:
        started: Span = NonRecordingSpan(new_span_context(context))
    else:
        started = tracer.start_span(name, context, SpanKind[kind.upper()], attributes)
    with _current(started):
        yield started


@contextmanager
def trace_context(traceparent: str | None) -> Iterator[None]:
    """Continue the trace of something that was read from a table, without a span of its own."""
    with use_span(get_current_span(context_of(traceparent))):
        yield


def fail(failed: Span, error_type: str) -> None:
    """`error_type`: one of a few known values, such as a problem's slug or an exception's name, never a message."""
    failed.set_status(StatusCode.ERROR)
    failed.set_attribute("error.type", error_type)


@contextmanager
def _current(started: Span) -> Iterator[Span]:
    with use_span(started, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield started
        except BaseException as error:
            fail(started, type(error).__name__)
            raise
