"""Exports spans to a collector, with OpenTelemetry's SDK and OTLP over HTTP.

The SDK takes most of a second to import, so its imports are in functions and run only where an endpoint is set.
Sampling, headers and batching are the SDK's own settings (`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_HEADERS`, …).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

from shared.telemetry.spans import record_spans

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
        with record_spans(provider):
            yield
    finally:
        shutdown = Thread(target=provider.shutdown, daemon=True)
        shutdown.start()
        shutdown.join(_SHUTDOWN_S)
