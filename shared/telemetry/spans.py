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
_NONE: Final[Attributes] = {}


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


class _Unrecorded:
    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def set(self, name: str, value: Value) -> None: ...

    def fail(self, error_type: str) -> None: ...

    def end(self) -> None: ...


_UNRECORDED: Final[Span] = _Unrecorded("")
_recorders: Final[list[StartSpan]] = []


@contextmanager
def recorded_by(start: StartSpan) -> Iterator[None]:
    """Spans of this process are recorded while the block runs."""
    _recorders.append(start)
    try:
        yield
    finally:
        _recorders.remove(start)


def begin(name: str, kind: Kind = "internal", attributes: Attributes = _NONE, parent: str | None = None) -> Span:
    """A span that ends when `end` is called, beneath `parent` or what is current. It does not become current itself.

    For what begins and ends in different contexts, such as a generator, and for several at a time.
    """
    return _recorders[-1](name, kind, parent or current_traceparent(), attributes) if _recorders else _UNRECORDED


@contextmanager
def span(name: str, kind: Kind = "internal", attributes: Attributes = _NONE) -> Iterator[Span]:
    """Beneath what is current, and current itself within the block. An exception that leaves the block fails it."""
    if not _recorders:
        yield _UNRECORDED
        return
    with _current(begin(name, kind, attributes)) as started:
        yield started


@contextmanager
def entered(
    name: str, kind: Kind, parent: str | None, attributes: Attributes = _NONE, *, recorded: bool = True
) -> Iterator[Span]:
    """As `span`, where a trace comes in from outside, or begins: `parent` is what the caller, message or row said.

    What it said may be missing or malformed; then a new trace begins.
    """
    if recorded and _recorders:
        started = _recorders[-1](name, kind, parent, attributes)
    else:
        started = _Unrecorded(new_traceparent(parent))
    with _current(started):
        yield started


@contextmanager
def continuing(traceparent: str | None) -> Iterator[None]:
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
