"""CacheBehaviour and service tiers on the wire and in the log."""

from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.contract.bedrock.conftest import ModelServer
from tests.fakes.converse import assistant, user

POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}
SYSTEM = [{"text": "word " * 1_500}, HOUR]
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(params=["converse", "converse_stream"])
def usage_of(request: pytest.FixtureRequest, bedrock: Any, model_server: ModelServer) -> Ask:
    call(model_server, "DELETE", "/_cache")
    model_server.clear_log()  # also the counts of faults

    def ask(*messages: dict[str, Any], model: str = "scripted.fast", **more: Any) -> dict[str, Any]:
        answer = getattr(bedrock, request.param)(modelId=model, messages=list(messages), **more)
        reported = list(answer["stream"])[-1]["metadata"] if "stream" in answer else answer
        usage: dict[str, Any] = reported["usage"]
        return usage

    return ask


def call(server: ModelServer, method: str, path: str) -> None:
    urlopen(Request(f"{server.address}{path}", method=method), timeout=5).close()  # noqa: S310 - our own address


def test_a_prefix_is_billed_as_written_and_then_as_read(usage_of: Ask, model_server: ModelServer) -> None:
    question = user("word " * 1_200, POINT, "Short?")
    first = usage_of(question, system=SYSTEM)
    assert first["cacheReadInputTokens"] == 0
    assert [detail["ttl"] for detail in first["cacheDetails"]] == ["1h", "5m"]
    assert sum(detail["inputTokens"] for detail in first["cacheDetails"]) == first["cacheWriteInputTokens"]
    second = usage_of(question, assistant("Yes."), user("And?"), system=SYSTEM)
    assert second["cacheReadInputTokens"] == first["cacheWriteInputTokens"]
    assert (second["cacheWriteInputTokens"], "cacheDetails" in second) == (0, False)
    counted = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    assert second["totalTokens"] == sum(second[name] for name in counted)
    call(model_server, "POST", "/_cache/age?seconds=301")
    third = usage_of(question, system=SYSTEM)
    assert third["cacheDetails"] == [first["cacheDetails"][1]]
    assert third["cacheReadInputTokens"] == first["cacheDetails"][0]["inputTokens"]


def test_a_short_prefix_is_input(usage_of: Ask) -> None:
    usage = usage_of(user("word " * 1_000, POINT))
    assert (usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]) == (0, 0)


def test_a_refused_request_writes_nothing(usage_of: Ask, bedrock: Any) -> None:
    question = user("word " * 2_000 + "[[fault=throttled times=1]]", POINT)
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        usage_of(question)
    assert usage_of(question)["cacheReadInputTokens"] == 0


async def test_aiobotocore_reads_what_was_written_and_the_tier(async_bedrock: Any, model_server: ModelServer) -> None:
    call(model_server, "DELETE", "/_cache")
    answer = await async_bedrock.converse_stream(
        modelId="scripted.nova", messages=[user("word " * 2_000, POINT)], serviceTier={"type": "flex"}
    )
    metadata = [event async for event in answer["stream"]][-1]["metadata"]
    assert metadata["usage"]["cacheDetails"] == [{"ttl": "5m", "inputTokens": 2_001}]
    assert metadata["serviceTier"] == {"type": "flex"}


def test_the_log_keeps_usage_and_tier(bedrock: Any, model_server: ModelServer) -> None:
    model_server.clear_log()
    asked = {"modelId": "scripted.fast", "messages": [user("word " * 3_000, POINT)]}
    answer = bedrock.converse(**asked, serviceTier={"type": "priority"}, requestMetadata={"invocation_id": "inv_tier"})
    entry = model_server.entry_of("inv_tier")
    assert (entry["usage"], entry["tier"]) == (answer["usage"], "priority")
    assert answer["serviceTier"] == {"type": "priority"}


def test_without_a_tier_it_is_the_default_one(bedrock: Any) -> None:
    assert bedrock.converse(modelId="scripted.fast", messages=[user("hi")])["serviceTier"] == {"type": "default"}
