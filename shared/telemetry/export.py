"""Exports spans to a collector, with OpenTelemetry's SDK and OTLP over HTTP.

The SDK takes most of a second to import, so its imports are in functions and run only where an endpoint is set.
Sampling, headers and batching are the SDK's own settings (`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, …).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Final

from shared.telemetry.spans import Attributes, Kind, Span, StartSpan, Value, record_spans
from shared.telemetry.traces import parse_traceparent

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as RecordedSpan

_CALL_S: Final = 2.0
_SHUTDOWN_S: Final = 1.5  # a process ends within ten seconds of SIGTERM, whether the collector answers or not


@contextmanager
def export_spans(service: str, endpoint: str | None, environment: str) -> Iterator[None]:
    """Export the process's spans while the block runs; without an endpoint (`http://…:4318`) do nothing.

    At the end the remaining spans are sent, for 1.5 s at most. When the collector does not answer, spans are lost;
    requests are not delayed.
    """
    if not endpoint:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see the module's docstring
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    names = {"service.name": f"colloquy.{service}", "deployment.environment.name": environment}
    provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_CALL_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        with record_spans(span_starter(provider)):
            yield
    finally:
        shutdown = Thread(target=provider.shutdown, daemon=True)
        shutdown.start()
        shutdown.join(_SHUTDOWN_S)


def span_starter(provider: "TracerProvider") -> StartSpan:
    """The function that starts spans with this provider."""
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    tracer = provider.get_tracer("colloquy")

    def start(name: str, kind: Kind, parent: str | None, attributes: Attributes) -> Span:
        return _OtelSpan(tracer.start_span(name, _context(parent), SpanKind[kind.upper()], attributes))

    return start


def _context(parent: str | None) -> "Context":
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context  # noqa: PLC0415

    known = parse_traceparent(parent)
    if known is None:
        return Context()
    trace, above, flags = (int(part, 16) for part in known)
    return set_span_in_context(NonRecordingSpan(SpanContext(trace, above, True, TraceFlags(flags))), Context())


class _OtelSpan:
    def __init__(self, recorded: "RecordedSpan") -> None:
        self._span = recorded
        where = recorded.get_span_context()
        self.traceparent = f"00-{where.trace_id:032x}-{where.span_id:016x}-{where.trace_flags:02x}"

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def fail(self, error_type: str) -> None:
        from opentelemetry.trace import StatusCode  # noqa: PLC0415

        self._span.set_status(StatusCode.ERROR)
        self._span.set_attribute("error.type", error_type)

    def end(self) -> None:
        self._span.end()
