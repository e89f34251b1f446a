"""Amazon Bedrock's wire, in chat's words: what is asked, and what is heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from services.chat.bedrock import BedrockModels, _read
from services.chat.model_events import (
    ModelEvent,
    ModelRequest,
    ReasoningSaid,
    ReasoningSigned,
    Said,
    Stopped,
    TextSaid,
    UsageReported,
)
from shared.catalogue import Catalogue, Usage
from tests.fakes.bedrock_client import START, FakeBedrock, reasoning, stop, text, usage
from tests.fakes.chat_service import settings, until

CATALOGUE = Catalogue.offered(("bedrock", "scripted"))
HI = [TextSaid("Hi"), Stopped("end_turn"), UsageReported(Usage(input_tokens=3, output_tokens=1))]


def request(model: str = "claude-haiku-4-5", **more: Any) -> ModelRequest:
    return ModelRequest("inv_1", CATALOGUE.get(model), [Said.words("user", "Hello?")], **more)


def models(client: FakeBedrock, **changed: Any) -> BedrockModels:
    return BedrockModels(client, settings(**changed))  # type: ignore[arg-type]


async def heard(client: FakeBedrock, **changed: Any) -> list[ModelEvent]:
    async with aclosing(models(client, **changed).converse(request())) as events:
        return [event async for event in events]


async def asked(given: ModelRequest, **changed: Any) -> dict[str, Any]:
    client = FakeBedrock()
    async with aclosing(models(client, **changed).converse(given)) as events:
        async for _ in events:
            pass
    return client.asked[0]


async def test_an_answer_is_heard_as_it_is_said() -> None:
    client = FakeBedrock()
    assert await heard(client) == HI
    assert client.streams[0].closed


@pytest.mark.parametrize(
    ("raw", "events"),
    [
        (START, []),
        (text("x"), [TextSaid("x")]),
        (text(""), []),
        (reasoning(text="hm"), [ReasoningSaid("hm")]),
        (reasoning(text=""), []),
        (reasoning(signature="sig"), [ReasoningSigned("sig")]),
        (reasoning(redactedContent="…"), []),
        (stop("max_tokens"), [Stopped("max_tokens")]),
        ({"contentBlockStart": {"start": {}, "contentBlockIndex": 1}}, []),
        ({"contentBlockStop": {"contentBlockIndex": 0}}, []),
        ({"contentBlockDelta": {"delta": {"toolUse": {"input": "{}"}}, "contentBlockIndex": 1}}, []),
        ({"metadata": {"metrics": {"latencyMs": 3}}}, []),
        ({"somethingNew": {}}, []),
    ],
)
def test_each_event_of_the_wire_has_its_word(raw: dict[str, Any], events: list[ModelEvent]) -> None:
    assert _read(raw) == events


@pytest.mark.parametrize(
    ("tokens", "read"),
    [
        ({"inputTokens": 3, "outputTokens": 2}, Usage(input_tokens=3, output_tokens=2)),
        ({"cacheReadInputTokens": 5, "cacheWriteInputTokens": 7}, Usage(cache_read_tokens=5, cache_write_tokens=7)),
        ({"cacheReadInputTokens": None, "cacheWriteInputTokens": None}, Usage()),
    ],
)
def test_usage_is_read_with_its_cached_tokens(tokens: dict[str, int | None], read: Usage) -> None:
    assert _read(usage(**tokens)) == [UsageReported(read)]


async def test_what_is_asked_names_model_messages_limit_and_invocation() -> None:
    said = [Said.words("user", "a"), Said.words("assistant", "b"), Said.words("user", "c")]
    given = ModelRequest(
        "inv_1", CATALOGUE.get("claude-haiku-4-5"), said,
        system="Be brief.", max_output_tokens=100,
    )  # fmt: skip
    assert await asked(given) == {
        "modelId": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "messages": [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"text": "b"}]},
            {"role": "user", "content": [{"text": "c"}]},
        ],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 100},
        "requestMetadata": {"invocation_id": "inv_1"},
    }


async def test_without_a_system_prompt_none_is_sent() -> None:
    assert "system" not in await asked(request())


@pytest.mark.parametrize(
    ("changed", "model_id"),
    [
        ({"bedrock_region": "eu-central-1", "global_inference": False}, "eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ({"global_inference": False, "cross_region_inference": False}, "anthropic.claude-haiku-4-5-20251001-v1:0"),
    ],
)
async def test_the_profile_follows_the_deployments_settings(changed: dict[str, Any], model_id: str) -> None:
    assert (await asked(request(), **changed))["modelId"] == model_id


async def test_nobody_is_asked_for_more_than_the_model_can_say() -> None:
    assert (await asked(request("claude-3-haiku", max_output_tokens=99_999)))["inferenceConfig"] == {"maxTokens": 4096}


async def test_a_model_with_a_budget_thinks_within_it_and_still_has_room_to_answer() -> None:
    given = await asked(request(reasoning=True, max_output_tokens=500), reasoning_budget_tokens=2048)
    assert given["additionalModelRequestFields"] == {"thinking": {"type": "enabled", "budget_tokens": 2048}}
    assert given["inferenceConfig"] == {"maxTokens": 3072}


async def test_a_model_that_adapts_is_only_told_to_think() -> None:
    given = await asked(request("claude-sonnet-4-6", reasoning=True))
    assert given["additionalModelRequestFields"] == {"thinking": {"type": "adaptive"}}


@pytest.mark.parametrize("model", ["nova-pro", "deepseek-r1"])
async def test_a_model_that_never_or_always_thinks_is_not_told_to(model: str) -> None:
    assert "additionalModelRequestFields" not in await asked(request(model, reasoning=True))


async def test_who_stops_listening_hangs_up() -> None:
    client = FakeBedrock(START, text("a"), text("b"), asyncio.Event())
    events = models(client).converse(request())
    assert await anext(events) == TextSaid("a")
    await events.aclose()
    assert client.streams[0].closed


async def test_who_is_cancelled_while_listening_hangs_up() -> None:
    client = FakeBedrock(START, asyncio.Event())
    listening = asyncio.create_task(heard(client))
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
