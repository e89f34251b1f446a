"""The span of a model call."""

from collections.abc import Iterator
from contextlib import aclosing

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.catalogue import Catalogue
from shared.llm.bedrock import BedrockModels
from shared.llm.port import ModelFailedError, ModelRequest, PromptMessage
from shared.telemetry.spans import record_spans
from tests.fakes.bedrock_client import START, FakeBedrock, fault, stop, text, usage
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
REQUEST = ModelRequest(
    "inv_1",
    Catalogue.offered(("bedrock",), clock=FakeClock()).get("claude-haiku-4-5"),
    [PromptMessage.of_text("user", "canary-of-the-question")],
)


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with record_spans(provider):
        yield exporter
    provider.shutdown()


async def call(client: FakeBedrock) -> None:
    async with aclosing(BedrockModels(client.of_region, settings(), FakeClock()).converse(REQUEST)) as events:
        async for _ in events:
            pass


def only(exported: InMemorySpanExporter) -> ReadableSpan:
    (found,) = exported.get_finished_spans()
    return found


async def test_a_span_has_model_usage_region_and_finish_reason(exported: InMemorySpanExporter) -> None:
    counts = usage(inputTokens=10, outputTokens=2, cacheReadInputTokens=5)
    await call(FakeBedrock(START, text("canary-of-the-answer"), stop(), counts))
    found = only(exported)
    assert (found.name, found.kind) == ("chat claude-haiku-4-5", SpanKind.CLIENT)
    assert found.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.model": f"global.{HAIKU}",
        "gen_ai.request.max_tokens": 4096,
        "gen_ai.response.model": f"global.{HAIKU}",
        "gen_ai.response.finish_reasons": ("end_turn",),
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "cloud.region": "us-east-1",
        "colloquy.invocation.id": "inv_1",
    }
    assert "canary" not in found.to_json()


async def test_a_call_served_by_the_second_profile_is_one_span_with_both_profiles(
    exported: InMemorySpanExporter,
) -> None:
    client = FakeBedrock()
    client.fail("converse_stream", aws_error("ThrottlingException"))
    await call(client)
    attributes = only(exported).attributes or {}
    assert attributes["gen_ai.request.model"] == f"global.{HAIKU}"
    assert attributes["gen_ai.response.model"] == f"us.{HAIKU}"


async def test_the_span_of_a_failed_call_has_the_error_type(exported: InMemorySpanExporter) -> None:
    with pytest.raises(ModelFailedError):
        await call(FakeBedrock(START, text("x"), fault("modelStreamErrorException", "canary")))
    found = only(exported)
    assert found.status.status_code is StatusCode.ERROR
    assert (found.attributes or {})["error.type"] == "model-stream-broken"
    assert "canary" not in found.to_json()


async def test_closing_the_iterator_ends_the_span_without_an_error(exported: InMemorySpanExporter) -> None:
    events = BedrockModels(FakeBedrock(START, text("x")).of_region, settings(), FakeClock()).converse(REQUEST)
    await anext(events)
    await events.aclose()
    assert only(exported).status.status_code is StatusCode.UNSET
