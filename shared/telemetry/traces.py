"""W3C trace context (https://www.w3.org/TR/trace-context/): one `traceparent` from the browser to the ledger.

OpenTelemetry's API parses it and keeps the current span. Nothing of its SDK is imported here.
"""

import secrets
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanContext, TraceFlags, format_span_id, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR: Final = TraceContextTextMapPropagator()


def context_of(traceparent: str | None) -> Context:
    """The context whose current span is the one of `traceparent`; an empty context when it is missing or malformed."""
    return _PROPAGATOR.extract({"traceparent": traceparent or ""}, Context())


def traceparent_of(span: Span) -> str:
    """The trace context that makes other spans children of this one."""
    ids = span.get_span_context()
    return f"00-{format_trace_id(ids.trace_id)}-{format_span_id(ids.span_id)}-{ids.trace_flags:02x}"


def current_traceparent() -> str | None:
    """The traceparent of the current span; None outside of a trace."""
    span = get_current_span()
    return traceparent_of(span) if span.get_span_context().is_valid else None


def new_span_context(parent: Context) -> SpanContext:
    """The ids of a new span, in the trace of `parent` or in a new trace."""
    above = get_current_span(parent).get_span_context()
    trace, flags = (above.trace_id, above.trace_flags) if above.is_valid else (secrets.randbits(128), TraceFlags(1))
    return SpanContext(trace, secrets.randbits(64), is_remote=False, trace_flags=flags)
