"""Spans: how long operations take, and which operation caused which.

The trace context (`traceparent`) is always passed on, in logs and events. Spans are recorded only while they are
exported (`export_spans`); otherwise they cost almost nothing. Their attributes are names, states, counts and ids, never
text of people or models.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal, Protocol

from shared.telemetry.traces import TRACEPARENT, current_traceparent, new_traceparent

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Value = str | int | float | bool | Sequence[str]
Attributes = Mapping[str, Value]
_NO_ATTRIBUTES: Final[Attributes] = {}


class Span(Protocol):
    @property
    def traceparent(self) -> str:
        """The trace context that makes other spans children of this one."""
        ...

    def set(self, name: str, value: Value) -> None: ...

    def fail(self, error_type: str) -> None:
        """`error_type`: one of a few known values, such as a problem's slug or an exception's name."""
        ...

    def end(self) -> None: ...


StartSpan = Callable[[str, Kind, str | None, Attributes], Span]
"""Starts a span: name, kind, its parent's traceparent if any, attributes."""


class _UnrecordedSpan:
    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def set(self, name: str, value: Value) -> None: ...

    def fail(self, error_type: str) -> None: ...

    def end(self) -> None: ...


_NO_SPAN: Final[Span] = _UnrecordedSpan("")
_recorders: Final[list[StartSpan]] = []


@contextmanager
def record_spans(start: StartSpan) -> Iterator[None]:
    """Record the spans of this process with `start` while the block runs."""
    _recorders.append(start)
    try:
        yield
    finally:
        _recorders.remove(start)


def start_span(
    name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES, parent: str | None = None
) -> Span:
    """Start a span that ends when `end` is called, as a child of `parent` or of the current span.

    It does not become the current span. For operations that start and end in different contexts, such as generators,
    and for several at a time.
    """
    return _recorders[-1](name, kind, parent or current_traceparent(), attributes) if _recorders else _NO_SPAN


@contextmanager
def span(name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES) -> Iterator[Span]:
    """A child of the current span, and the current span within the block. An exception fails it."""
    if not _recorders:
        yield _NO_SPAN
        return
    with _current(start_span(name, kind, attributes)) as started:
        yield started


@contextmanager
def entry_span(
    name: str, kind: Kind, parent: str | None, attributes: Attributes = _NO_ATTRIBUTES, *, recorded: bool = True
) -> Iterator[Span]:
    """As `span`, where work enters the process: `parent` is the traceparent of the caller, message or row.

    When it is missing or malformed, a new trace starts. With `recorded=False` only the trace context is passed on.
    """
    if recorded and _recorders:
        started = _recorders[-1](name, kind, parent, attributes)
    else:
        started = _UnrecordedSpan(new_traceparent(parent))
    with _current(started):
        yield started


@contextmanager
def trace_context(traceparent: str | None) -> Iterator[None]:
    """Continue the trace of something that was read from a table, without a span of its own."""
    token = TRACEPARENT.set(traceparent)
    try:
        yield
    finally:
        TRACEPARENT.reset(token)


@contextmanager
def _current(started: Span) -> Iterator[Span]:
    token = TRACEPARENT.set(started.traceparent)
    try:
        yield started
    except BaseException as error:
        started.fail(type(error).__name__)
        raise
    finally:
        TRACEPARENT.reset(token)
        started.end()
