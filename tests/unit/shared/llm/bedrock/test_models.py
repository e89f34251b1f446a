"""Answers of Amazon Bedrock arrive in order and once; closing the reader closes the connection."""

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

CATALOGUE = Catalogue.offered(("bedrock", "scripted"), clock=FakeClock())
HI = [TextDelta("Hi"), Stopped("end_turn"), UsageReported(Usage(input_tokens=3, output_tokens=1))]


def request() -> ModelRequest:
    return ModelRequest("inv_1", CATALOGUE.get("claude-haiku-4-5"), [PromptMessage.of_text("user", "Hello?")])


def models(client: FakeBedrock, **changed: Any) -> BedrockModels:
    return BedrockModels(client.of_region, settings(**changed), FakeClock())


async def collect(client: FakeBedrock, **changed: Any) -> list[ModelEvent]:
    async with aclosing(models(client, **changed).converse(request())) as events:
        return [event async for event in events]


async def test_an_answer_is_returned_event_by_event() -> None:
    client = FakeBedrock()
    assert await collect(client) == HI
    assert client.streams[0].closed


async def test_frames_received_together_are_separate_events() -> None:
    together = b"".join(map(frame, [START, text("H"), text("i"), stop()]))
    assert await collect(FakeBedrock(together)) == [TextDelta("H"), TextDelta("i"), Stopped("end_turn")]


async def test_a_tool_use_follows_the_text() -> None:
    steps = [START, text("Hm."), block_stop(), tool_start("calculator", 1), tool_input('{"expression":"2+2"}', 1)]
    events = await collect(FakeBedrock(*steps, block_stop(1), stop("tool_use"), usage()))
    assert events == [
        TextDelta("Hm."),
        ToolInputDelta(0, "", "calculator"),
        ToolInputDelta(0, '{"expression":"2+2"}'),
        ToolUse("calculator", {"expression": "2+2"}, 1),
        Stopped("tool_use"),
        UsageReported(Usage()),
    ]


async def test_the_request_has_the_first_candidate_and_the_invocation_id() -> None:
    client = FakeBedrock()
    await collect(client)
    (sent,) = client.requests
    assert sent["modelId"] == "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    assert sent["requestMetadata"] == {"invocation_id": "inv_1"}


async def test_the_client_of_the_own_region_is_opened_once_at_the_start() -> None:
    client = FakeBedrock()
    port = await BedrockModels.open(client.of_region, settings(bedrock_region="eu-central-1"))
    assert client.opened == ["eu-central-1"]
    async with aclosing(port.converse(request())) as events:
        assert [event async for event in events] == HI
    assert client.opened == ["eu-central-1"]


async def test_closing_the_iterator_closes_the_connection() -> None:
    client = FakeBedrock(START, text("a"), text("b"), asyncio.Event())
    events = models(client).converse(request())
    assert await anext(events) == TextDelta("a")
    await events.aclose()
    assert client.streams[0].closed


async def test_cancelling_the_reader_closes_the_connection() -> None:
    client = FakeBedrock(START, asyncio.Event())
    reading = asyncio.create_task(collect(client))
    await until(lambda: client.streams)
    reading.cancel()
    await asyncio.wait({reading})
    assert reading.cancelled()
    assert client.streams[0].closed


async def test_each_request_has_a_stream_of_its_own() -> None:
    client = FakeBedrock()
    port = models(client)

    async def read() -> AsyncIterator[ModelEvent]:
        async with aclosing(port.converse(request())) as events:
            async for event in events:
                yield event

    first, second = await asyncio.gather(*(_all(read()) for _ in range(2)))
    assert first == second == HI
    assert len({id(stream) for stream in client.streams}) == 2


async def _all(events: AsyncIterator[ModelEvent]) -> list[ModelEvent]:
    return [event async for event in events]
