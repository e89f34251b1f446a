"""Spans: parents and children in one trace, and their behaviour while they are not recorded."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.telemetry import current_traceparent
from shared.telemetry.spans import entry_span, fail, record_spans, span, start_span, trace_context
from shared.telemetry.traces import traceparent_of

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with record_spans(provider):
        yield exporter
    provider.shutdown()


def only(exported: InMemorySpanExporter) -> ReadableSpan:
    (found,) = exported.get_finished_spans()
    return found


def test_without_a_recorder_only_the_trace_is_continued() -> None:
    with entry_span("GET /", "server", CALLER) as outer:
        assert current_traceparent() == traceparent_of(outer)
        assert traceparent_of(outer)[:35] == CALLER[:35]
        assert traceparent_of(outer) != CALLER
        with span("inner") as inner:
            inner.set_attribute("name", "value")
            fail(inner, "why")
            assert current_traceparent() == traceparent_of(outer)
        start_span("beside").end()
    assert current_traceparent() is None


@pytest.mark.parametrize("caller", [None, "", "no traceparent", CALLER.upper()])
def test_without_a_traceparent_a_new_trace_begins(caller: str | None, exported: InMemorySpanExporter) -> None:
    with entry_span("GET /", "server", caller) as entry:
        assert entry.get_span_context().is_valid
    assert only(exported).parent is None


def test_an_entry_span_is_a_child_of_its_caller_and_the_current_traceparent(exported: InMemorySpanExporter) -> None:
    with entry_span("GET /", "server", CALLER, {"http.route": "/"}) as entry:
        pass
    found = only(exported)
    assert (found.name, found.kind, found.attributes) == ("GET /", SpanKind.SERVER, {"http.route": "/"})
    assert found.parent is not None
    assert f"{found.parent.trace_id:032x}-{found.parent.span_id:016x}" in CALLER
    assert f"{found.context.trace_id:032x}-{found.context.span_id:016x}" in traceparent_of(entry)


def test_spans_within_a_span_are_its_children(exported: InMemorySpanExporter) -> None:
    with entry_span("GET /", "server", CALLER), span("work", "internal"):
        start_span("call", "client").end()
    call, work, request = exported.get_finished_spans()
    assert call.parent is not None
    assert work.parent is not None
    assert (call.parent.span_id, work.parent.span_id) == (work.context.span_id, request.context.span_id)
    assert call.context.trace_id == request.context.trace_id


def test_a_span_that_is_only_started_does_not_become_the_current_one(exported: InMemorySpanExporter) -> None:
    call = start_span("call", "client", parent=CALLER)
    assert current_traceparent() is None
    start_span("other").end()
    assert only(exported).parent is None
    call.end()


def test_an_exception_fails_the_span_by_its_name_and_nothing_else(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="canary"), span("work"):
        raise ValueError("canary: the prompt was …")
    found = only(exported)
    assert found.status.status_code is StatusCode.ERROR
    assert found.attributes == {"error.type": "ValueError"}
    assert "canary" not in found.to_json()


def test_a_trace_that_the_caller_does_not_sample_is_not_recorded(exported: InMemorySpanExporter) -> None:
    with entry_span("GET /", "server", f"{CALLER[:-2]}00") as entry:
        assert traceparent_of(entry).endswith("-00")
        assert traceparent_of(entry)[:35] == CALLER[:35]
    assert exported.get_finished_spans() == ()


def test_an_unrecorded_entry_span_continues_the_trace(exported: InMemorySpanExporter) -> None:
    with entry_span("GET /health", "server", CALLER, recorded=False) as entry:
        assert traceparent_of(entry)[:35] == CALLER[:35]
    assert exported.get_finished_spans() == ()


def test_trace_context_continues_a_trace_without_a_span(exported: InMemorySpanExporter) -> None:
    with trace_context(CALLER), span("work"):
        pass
    assert current_traceparent() is None
    parent = only(exported).parent
    assert parent is not None
    assert f"{parent.trace_id:032x}-{parent.span_id:016x}" in CALLER


async def test_concurrent_tasks_have_their_own_spans(exported: InMemorySpanExporter) -> None:
    async def work(name: str) -> str | None:
        with span(name):
            await asyncio.sleep(0)
            return current_traceparent()

    with entry_span("GET /", "server", None) as request:
        traceparents = await asyncio.gather(work("a"), work("b"))
    assert len({*traceparents, traceparent_of(request)}) == 3
    assert {found.context.trace_id for found in exported.get_finished_spans()} == {request.get_span_context().trace_id}
