"""BedrockModels against the local model server: answers, faults and timeouts."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from shared.aws import Aws
from shared.catalogue import Catalogue, Model
from shared.llm.bedrock import BedrockModels
from shared.llm.content import ToolResultPart, ToolUsePart
from shared.llm.port import (
    ModelEvent,
    ModelFailedError,
    ModelRequest,
    PromptMessage,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolSpec,
    ToolUse,
    UsageReported,
)
from tests.contract.bedrock.conftest import ModelServer
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock

LOREM = Catalogue.offered(("scripted",)).get("scripted.lorem")
CALCULATOR = ToolSpec("calculator", "Works it out.", {"type": "object"})
QUICK = "ttft=0 gap=0 tokens=3"


@pytest.fixture
async def aws(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", model_server.address)
    model_server.clear_log()
    async with Aws.open() as opened:
        yield opened


async def collect(
    aws: Aws, *messages: PromptMessage | str, model: Model = LOREM, tools: bool = False, **changed: Any
) -> list[ModelEvent]:
    prompt = [each if isinstance(each, PromptMessage) else PromptMessage.of_text("user", each) for each in messages]
    request = ModelRequest("inv_1", model, prompt, tools=[CALCULATOR] if tools else [])
    port = BedrockModels(aws.bedrock_runtime, settings(**changed), FakeClock())
    async with aclosing(port.converse(request)) as events:
        return [event async for event in events]


def text(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_every_token_is_received_and_counted(aws: Aws) -> None:
    events = await collect(aws, "[[ttft=0 gap=1 tokens=40 reasoning=3]] Hello?")
    assert [type(event) for event in events] == [
        *[ReasoningDelta] * 3, ReasoningSignature, *[TextDelta] * 40, Stopped, UsageReported,
    ]  # fmt: skip
    assert isinstance(events[-1], UsageReported)
    assert events[-1].usage.output_tokens == 43


async def test_tool_calls_are_received_and_their_results_sent(aws: Aws) -> None:
    question = (
        '[[tool=calculator:{"expression":"2+2"} tool=calculator:{"expression":"3*7"}]] [[ttft=0 gap=0]] How much?'
    )
    first = await collect(aws, question, tools=True)
    deltas = [each for each in first if isinstance(each, ToolInputDelta)]
    assert [each.name for each in deltas if each.name] == ["calculator", "calculator"]
    assert json.loads("".join(each.text for each in deltas if each.index == 1)) == {"expression": "3*7"}
    tool_uses = [each for each in first if isinstance(each, ToolUse)]
    assert [each.input for each in tool_uses] == [{"expression": "2+2"}, {"expression": "3*7"}]
    assert first[first.index(tool_uses[-1]) + 1] == Stopped("tool_use")
    calls = tuple(ToolUsePart(f"call_{number}", each.name, each.input) for number, each in enumerate(tool_uses))
    results = (
        ToolResultPart("call_0", {"value": 4}),
        ToolResultPart("call_1", "out of order", "error"),
    )
    second = await collect(aws, question, PromptMessage("assistant", calls), PromptMessage("user", results), tools=True)
    assert "4" in text(second)
    assert Stopped("end_turn") in second


async def test_a_partial_answer_is_continued(aws: Aws) -> None:
    question = "[[ttft=0 gap=0 tokens=12]] Tell me."
    whole = text(await collect(aws, question))
    beginning = whole[: whole.rindex(" ")]
    assert beginning + text(await collect(aws, question, PromptMessage.of_text("assistant", beginning))) == whole


@pytest.mark.parametrize(
    "fault",
    [
        "throttled",
        "unavailable",
        "internal",
        "not-ready",
        "model-error",
        "reset",
        "malformed",
        "cut",
        "stream-throttled",
    ],
)
async def test_a_failure_before_the_first_event_is_retried(aws: Aws, model_server: ModelServer, fault: str) -> None:
    events = await collect(aws, f"[[{QUICK} fault={fault} times=2]] Hello?")
    assert len([event for event in events if isinstance(event, TextDelta)]) == 3
    served = model_server.entries()
    assert len(served) == 3
    assert {entry["metadata"]["invocation_id"] for entry in served} == {"inv_1"}
    assert [entry["usage"] is not None for entry in served] == [False, False, True]


@pytest.mark.parametrize(
    ("fault", "slug"),
    [
        ("reset", "model-stream-broken"),
        ("malformed", "model-stream-broken"),
        ("cut", "model-stream-broken"),
        ("stream-error", "model-stream-broken"),
        ("stream-throttled", "model-throttled"),
        ("stream-unavailable", "model-unavailable"),
        ("silence", "model-silent"),
    ],
)
async def test_a_failure_after_the_first_event_is_raised_and_not_retried(
    aws: Aws, model_server: ModelServer, fault: str, slug: str
) -> None:
    with pytest.raises(ModelFailedError) as failed:
        await collect(aws, f"[[ttft=0 gap=5 tokens=9 fault={fault} after=2]] Hello?", silence_s=0.3)
    assert failed.value.slug == slug
    assert len(model_server.entries()) == 1


@pytest.mark.parametrize("fault", ["silence", "hang"])
async def test_a_model_that_does_not_start_in_time_is_silent(aws: Aws, fault: str) -> None:
    with pytest.raises(ModelFailedError, match="model-silent"):
        await collect(aws, f"[[fault={fault}]] Hello?", first_token_s=0.3)


async def test_after_a_throttled_profile_the_next_one_is_tried(aws: Aws, model_server: ModelServer) -> None:
    served_by_profiles = LOREM.model_copy(update={"inference_profiles": ("global", "us")})
    question = f"[[{QUICK} fault=throttled profile=global]] Hello?"
    assert Stopped("end_turn") in await collect(aws, question, model=served_by_profiles)
    assert [entry["model"] for entry in model_server.entries()] == ["global.scripted.lorem", "us.scripted.lorem"]


async def test_a_refused_connection_means_unavailable(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1")
    with pytest.raises(ModelFailedError, match="model-unavailable"):
        await collect(aws, "Hello?")
