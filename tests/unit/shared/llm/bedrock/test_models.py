"""An answer from Amazon Bedrock arrives in order, once, and its connection closes with its reader."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from shared.catalogue import Catalogue, Usage
from shared.llm.bedrock import BedrockModels
from shared.llm.port import (
    ModelEvent,
    ModelRequest,
    PromptMessage,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)
from tests.fakes.bedrock_client import (
    START,
    FakeBedrock,
    block_stop,
    frame,
    stop,
    text,
    tool_input,
    tool_start,
    usage,
)
from tests.fakes.chat_service import settings, until
from tests.fakes.clock import FakeClock

CATALOGUE = Catalogue.offered(("bedrock", "scripted"))
HI = [TextDelta("Hi"), Stopped("end_turn"), UsageReported(Usage(input_tokens=3, output_tokens=1))]


def request() -> ModelRequest:
    return ModelRequest("inv_1", CATALOGUE.get("claude-haiku-4-5"), [PromptMessage.of_text("user", "Hello?")])


def models(client: FakeBedrock, **changed: Any) -> BedrockModels:
    return BedrockModels(client.of_region, settings(**changed), FakeClock())


async def collect(client: FakeBedrock, **changed: Any) -> list[ModelEvent]:
    async with aclosing(models(client, **changed).converse(request())) as events:
        return [event async for event in events]


async def test_an_answer_is_heard_as_it_is_said() -> None:
    client = FakeBedrock()
    assert await collect(client) == HI
    assert client.streams[0].closed


async def test_tokens_that_come_together_are_heard_one_by_one() -> None:
    together = b"".join(map(frame, [START, text("H"), text("i"), stop()]))
    assert await collect(FakeBedrock(together)) == [TextDelta("H"), TextDelta("i"), Stopped("end_turn")]


async def test_tools_are_asked_for_behind_the_text() -> None:
    steps = [START, text("Hm."), block_stop(), tool_start("calculator", 1), tool_input('{"expression":"2+2"}', 1)]
    said = await collect(FakeBedrock(*steps, block_stop(1), stop("tool_use"), usage()))
    assert said == [
        TextDelta("Hm."),
        ToolInputDelta(0, "", "calculator"),
        ToolInputDelta(0, '{"expression":"2+2"}'),
        ToolUse("calculator", {"expression": "2+2"}),
        Stopped("tool_use"),
        UsageReported(Usage()),
    ]


async def test_the_first_candidate_is_asked_under_the_invocations_id() -> None:
    client = FakeBedrock()
    await collect(client)
    (asked,) = client.asked
    assert asked["modelId"] == "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    assert asked["requestMetadata"] == {"invocation_id": "inv_1"}


async def test_the_own_regions_client_is_there_before_the_first_request_and_opened_once() -> None:
    client = FakeBedrock()
    port = await BedrockModels.open(client.of_region, settings(bedrock_region="eu-central-1"))
    assert client.opened == ["eu-central-1"]
    async with aclosing(port.converse(request())) as events:
        assert [event async for event in events] == HI
    assert client.opened == ["eu-central-1"]


async def test_who_stops_listening_hangs_up() -> None:
    client = FakeBedrock(START, text("a"), text("b"), asyncio.Event())
    events = models(client).converse(request())
    assert await anext(events) == TextDelta("a")
    await events.aclose()
    assert client.streams[0].closed


async def test_who_is_cancelled_while_listening_hangs_up() -> None:
    client = FakeBedrock(START, asyncio.Event())
    listening = asyncio.create_task(collect(client))
    await until(lambda: client.streams)
    listening.cancel()
    await asyncio.wait({listening})
    assert listening.cancelled()
    assert client.streams[0].closed


async def test_each_request_has_a_stream_of_its_own() -> None:
    client = FakeBedrock()
    port = models(client)

    async def listen() -> AsyncIterator[ModelEvent]:
        async with aclosing(port.converse(request())) as events:
            async for event in events:
                yield event

    first, second = await asyncio.gather(*(_all(listen()) for _ in range(2)))
    assert first == second == HI
    assert len({id(stream) for stream in client.streams}) == 2


async def _all(events: AsyncIterator[ModelEvent]) -> list[ModelEvent]:
    return [event async for event in events]
