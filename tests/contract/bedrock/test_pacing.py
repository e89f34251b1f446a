"""Time: the schedule is kept, and a client that leaves is missed at once."""

import asyncio
import time
from typing import Any

from tests.contract.bedrock.conftest import ModelServer, conversation
from tests.polling import eventually

TTFT, GAP, TOKENS = 0.1, 0.02, 40
# Generous, for machines that do other things as well; a schedule that drifts is later than that by far.
LATE = 0.25


async def arrivals(bedrock: Any, number: int) -> list[float]:
    started = time.monotonic()
    words = f"[[ttft={TTFT * 1000} gap={GAP * 1000} tokens={TOKENS} seed={number}]]"
    answer = await bedrock.converse_stream(**conversation(words))
    return [time.monotonic() - started async for event in answer["stream"] if "contentBlockDelta" in event]


async def test_tokens_come_at_their_ideal_times_without_drift(async_bedrock: Any) -> None:
    await arrivals(async_bedrock, 0)
    (one, *others) = await asyncio.gather(*(arrivals(async_bedrock, number) for number in range(5)))
    for came in (one, *others):
        assert len(came) == TOKENS
        assert all(at >= TTFT + number * GAP - 0.005 for number, at in enumerate(came))
        assert came[-1] <= TTFT + TOKENS * GAP + LATE


async def test_converse_takes_as_long_as_the_stream_would(async_bedrock: Any) -> None:
    started = time.monotonic()
    await async_bedrock.converse(**conversation("[[ttft=100 gap=10 tokens=10]]"))
    assert 0.2 <= time.monotonic() - started <= 0.2 + LATE


async def test_a_client_that_leaves_between_two_tokens_is_missed_at_once(
    async_bedrock: Any, model_server: ModelServer
) -> None:
    asked = conversation("[[gap=30000 tokens=5]]", requestMetadata={"invocation_id": "inv_left"})
    answer = await async_bedrock.converse_stream(**asked)
    async for event in answer["stream"]:
        if "contentBlockDelta" in event:
            break
    left = time.time()
    answer["stream"].close()
    entry = await asyncio.to_thread(model_server.entry_of, "inv_left")
    assert (entry["outcome"], entry["output_tokens"], entry["usage"]) == ("client_closed", 1, None)
    assert entry["closed_at"] - left < 0.05 + LATE


async def test_a_client_that_leaves_before_the_first_token_is_missed_too(
    async_bedrock: Any, model_server: ModelServer
) -> None:
    asked = conversation("[[ttft=30000]]", requestMetadata={"invocation_id": "inv_gone"})
    waiting = asyncio.create_task(async_bedrock.converse_stream(**asked))
    await asyncio.to_thread(seen, model_server, "inv_gone")
    waiting.cancel()
    entry = await asyncio.to_thread(model_server.entry_of, "inv_gone")
    assert (entry["outcome"], entry["output_tokens"], entry["first_token_at"]) == ("client_closed", 0, None)


def seen(model_server: ModelServer, invocation_id: str) -> None:
    assert eventually(
        lambda: any(entry["metadata"].get("invocation_id") == invocation_id for entry in model_server.entries())
    )
