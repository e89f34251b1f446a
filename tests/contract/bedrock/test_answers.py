"""Every kind of answer, read by botocore and by aiobotocore."""

import json
from typing import Any

import pytest

from tests.contract.bedrock.conftest import ModelServer, conversation
from tests.fakes.converse import CALCULATOR

EVERYTHING = (
    '[[reasoning=6 text="Ein \\"Wort\\" 다." tool=calculator:{"expression":"2+2"} tool=calculator:{"n":[1,null]} '
    "usage=120/45/10/5]]"
)
EXPECTED = [
    {"reasoningContent": True},
    {"text": 'Ein "Wort" 다.'},
    {"toolUse": {"name": "calculator", "input": {"expression": "2+2"}}},
    {"toolUse": {"name": "calculator", "input": {"n": [1, None]}}},
]
USAGE = {
    "inputTokens": 120,
    "outputTokens": 45,
    "totalTokens": 180,
    "cacheReadInputTokens": 10,
    "cacheWriteInputTokens": 5,
}


def content(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Remove the parts that differ each time: ids, reasoning texts, signatures."""
    simplified = []
    for block in blocks:
        if "toolUse" in block:
            assert block["toolUse"].pop("toolUseId").startswith("tooluse_")
        if "reasoningContent" in block:
            reasoning = block["reasoningContent"]["reasoningText"]
            assert reasoning["text"]
            assert reasoning["signature"]
        simplified.append({"reasoningContent": True} if "reasoningContent" in block else block)
    return simplified


def blocks_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Build the content blocks of a stream as a client must do it."""
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        if "contentBlockDelta" in event:
            index, delta = event["contentBlockDelta"]["contentBlockIndex"], event["contentBlockDelta"]["delta"]
            if "text" in delta:
                blocks.setdefault(index, {"text": ""})["text"] += delta["text"]
            if "toolUse" in delta:
                blocks[index]["toolUse"]["input"] += delta["toolUse"]["input"]
            for key, value in delta.get("reasoningContent", {}).items():
                reasoning = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}})
                text = reasoning["reasoningContent"]["reasoningText"]
                text[key] = text.get(key, "") + value
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return [blocks[index] for index in sorted(blocks)]


def test_converse_returns_every_kind_of_content(bedrock: Any) -> None:
    answer = bedrock.converse(**conversation(EVERYTHING, toolConfig=CALCULATOR))
    assert content(answer["output"]["message"]["content"]) == EXPECTED
    assert (answer["stopReason"], answer["usage"]) == ("tool_use", USAGE)
    assert answer["metrics"]["latencyMs"] >= 0
    assert answer["ResponseMetadata"]["RequestId"]


def test_a_stream_returns_every_kind_of_content(bedrock: Any) -> None:
    events = list(bedrock.converse_stream(**conversation(EVERYTHING, toolConfig=CALCULATOR))["stream"])
    check_stream(events)


async def test_aiobotocore_reads_every_kind_of_content(async_bedrock: Any) -> None:
    answer = await async_bedrock.converse_stream(**conversation(EVERYTHING, toolConfig=CALCULATOR))
    check_stream([event async for event in answer["stream"]])


def check_stream(events: list[dict[str, Any]]) -> None:
    assert events[0] == {"messageStart": {"role": "assistant"}}
    assert events[-2] == {"messageStop": {"stopReason": "tool_use"}}
    assert events[-1]["metadata"]["usage"] == USAGE
    assert content(blocks_of(events)) == EXPECTED


def test_after_tool_results_the_answer_is_text(bedrock: Any) -> None:
    request = conversation('[[tool=calculator:{"expression":"2+2"}]] What is 2+2?', toolConfig=CALCULATOR)
    call = bedrock.converse(**request)["output"]["message"]
    tool_use_id = call["content"][0]["toolUse"]["toolUseId"]
    result = {"toolUseId": tool_use_id, "content": [{"json": {"value": 4}}]}
    request["messages"] += [call, {"role": "user", "content": [{"toolResult": result}]}]
    answer = bedrock.converse(**request)
    assert answer["output"]["message"]["content"] == [{"text": 'The calculator says {"value": 4}.'}]
    assert answer["stopReason"] == "end_turn"


@pytest.mark.parametrize(
    "model",
    [
        "us.scripted.echo",
        "global.scripted.echo",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.scripted.echo",
    ],
)
def test_models_are_found_through_profiles_and_arns(bedrock: Any, model: str) -> None:
    answer = bedrock.converse(**conversation("Hello", model))
    assert answer["output"]["message"]["content"] == [{"text": "Hello"}]


def test_a_connection_is_reused_for_several_streams(bedrock: Any) -> None:
    for number in range(3):
        events = list(bedrock.converse_stream(**conversation(f'[[text="no {number}"]]'))["stream"])
        assert blocks_of(events) == [{"text": f"no {number}"}]


def test_served_requests_are_logged_without_their_text(model_server: ModelServer, bedrock: Any) -> None:
    prompt = 'canary [[text="canary too" reasoning=3]]'
    list(bedrock.converse_stream(**conversation(prompt, requestMetadata={"invocation_id": "inv_logged"}))["stream"])
    entry = model_server.entry_of("inv_logged")
    assert (entry["model"], entry["operation"]) == ("scripted.fast", "converse-stream")
    assert (entry["outcome"], entry["closed_at"]) == ("completed", None)
    assert entry["started_at"] <= entry["first_token_at"] <= entry["ended_at"]
    assert (entry["output_tokens"], entry["usage"]["outputTokens"]) == (5, 5)
    assert entry["input_tokens"] == entry["usage"]["inputTokens"] > 0
    assert "canary" not in model_server.log.read_text()
