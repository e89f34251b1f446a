"""Spans: what took how long, and because of what.

The trace itself (`traceparent`) always goes on, for logs and events; spans are recorded only while somebody exports
them (`exporting`), and cost nothing else. Their attributes are names, states, counts and ids: never words of people
or models.
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
        """What makes others its children."""
        ...

    def set(self, name: str, value: Value) -> None: ...

    def fail(self, error_type: str) -> None:
        """`error_type`: one of few and known, such as a problem's slug or an exception's name."""
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
    """Spans of this process are recorded while the block runs."""
    _recorders.append(start)
    try:
        yield
    finally:
        _recorders.remove(start)


def start_span(
    name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES, parent: str | None = None
) -> Span:
    """A span that ends when `end` is called, beneath `parent` or what is current. It does not become current itself.

    For what begins and ends in different contexts, such as a generator, and for several at a time.
    """
    return _recorders[-1](name, kind, parent or current_traceparent(), attributes) if _recorders else _NO_SPAN


@contextmanager
def span(name: str, kind: Kind = "internal", attributes: Attributes = _NO_ATTRIBUTES) -> Iterator[Span]:
    """Beneath what is current, and current itself within the block. An exception that leaves the block fails it."""
    if not _recorders:
        yield _NO_SPAN
        return
    with _current(start_span(name, kind, attributes)) as started:
        yield started


@contextmanager
def entry_span(
    name: str, kind: Kind, parent: str | None, attributes: Attributes = _NO_ATTRIBUTES, *, recorded: bool = True
) -> Iterator[Span]:
    """As `span`, where a trace comes in from outside, or begins: `parent` is what the caller, message or row said.

    What it said may be missing or malformed; then a new trace begins.
    """
    if recorded and _recorders:
        started = _recorders[-1](name, kind, parent, attributes)
    else:
        started = _UnrecordedSpan(new_traceparent(parent))
    with _current(started):
        yield started


@contextmanager
def trace_context(traceparent: str | None) -> Iterator[None]:
    """What is done within belongs to the trace that something read from a table was begun in. No span of its own."""
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
