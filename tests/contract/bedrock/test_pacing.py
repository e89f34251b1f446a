"""Pacing: tokens come on schedule, and a client that disconnects is noticed at once."""

import asyncio
import time
from typing import Any

from tests.contract.bedrock.conftest import ModelServer, conversation
from tests.polling import eventually

TTFT, GAP, TOKENS = 0.1, 0.02, 40
# Generous, for busy machines; a schedule that drifts would be much later.
TOLERANCE_S = 0.25


async def arrivals(bedrock: Any, number: int) -> list[float]:
    started = time.monotonic()
    text = f"[[ttft={TTFT * 1000} gap={GAP * 1000} tokens={TOKENS} seed={number}]]"
    answer = await bedrock.converse_stream(**conversation(text))
    return [time.monotonic() - started async for event in answer["stream"] if "contentBlockDelta" in event]


async def test_tokens_arrive_at_their_ideal_times_without_drift(async_bedrock: Any) -> None:
    await arrivals(async_bedrock, 0)
    (one, *others) = await asyncio.gather(*(arrivals(async_bedrock, number) for number in range(5)))
    for arrival_times in (one, *others):
        assert len(arrival_times) == TOKENS
        assert all(at >= TTFT + number * GAP - 0.005 for number, at in enumerate(arrival_times))
        assert arrival_times[-1] <= TTFT + TOKENS * GAP + TOLERANCE_S


async def test_converse_takes_as_long_as_the_stream(async_bedrock: Any) -> None:
    started = time.monotonic()
    await async_bedrock.converse(**conversation("[[ttft=100 gap=10 tokens=10]]"))
    assert 0.2 <= time.monotonic() - started <= 0.2 + TOLERANCE_S


async def test_a_client_that_disconnects_between_tokens_is_noticed_at_once(
    async_bedrock: Any, model_server: ModelServer
) -> None:
    request = conversation("[[gap=30000 tokens=5]]", requestMetadata={"invocation_id": "inv_left"})
    answer = await async_bedrock.converse_stream(**request)
    async for event in answer["stream"]:
        if "contentBlockDelta" in event:
            break
    closed_at = time.time()
    answer["stream"].close()
    entry = await asyncio.to_thread(model_server.entry_of, "inv_left")
    assert (entry["outcome"], entry["output_tokens"], entry["usage"]) == ("client_closed", 1, None)
    assert entry["closed_at"] - closed_at < 0.05 + TOLERANCE_S


async def test_a_client_that_disconnects_before_the_first_token_is_noticed(
    async_bedrock: Any, model_server: ModelServer
) -> None:
    request = conversation("[[ttft=30000]]", requestMetadata={"invocation_id": "inv_gone"})
    waiting = asyncio.create_task(async_bedrock.converse_stream(**request))
    await asyncio.to_thread(wait_for_entry, model_server, "inv_gone")
    waiting.cancel()
    entry = await asyncio.to_thread(model_server.entry_of, "inv_gone")
    assert (entry["outcome"], entry["output_tokens"], entry["first_token_at"]) == ("client_closed", 0, None)


def wait_for_entry(model_server: ModelServer, invocation_id: str) -> None:
    assert eventually(
        lambda: any(entry["metadata"].get("invocation_id") == invocation_id for entry in model_server.entries())
    )
