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
    """Without what is different each time: ids, thoughts, signatures."""
    told = []
    for block in blocks:
        if "toolUse" in block:
            assert block["toolUse"].pop("toolUseId").startswith("tooluse_")
        if "reasoningContent" in block:
            thought = block["reasoningContent"]["reasoningText"]
            assert thought["text"]
            assert thought["signature"]
        told.append({"reasoningContent": True} if "reasoningContent" in block else block)
    return told


def gathered(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks that a stream builds, as a client must build them."""
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
                thought = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}})
                text = thought["reasoningContent"]["reasoningText"]
                text[key] = text.get(key, "") + value
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return [blocks[index] for index in sorted(blocks)]


def test_converse_gives_every_kind_of_content(bedrock: Any) -> None:
    answer = bedrock.converse(**conversation(EVERYTHING, toolConfig=CALCULATOR))
    assert content(answer["output"]["message"]["content"]) == EXPECTED
    assert (answer["stopReason"], answer["usage"]) == ("tool_use", USAGE)
    assert answer["metrics"]["latencyMs"] >= 0
    assert answer["ResponseMetadata"]["RequestId"]


def test_a_stream_gives_every_kind_of_content(bedrock: Any) -> None:
    events = list(bedrock.converse_stream(**conversation(EVERYTHING, toolConfig=CALCULATOR))["stream"])
    check_stream(events)


async def test_a_stream_gives_the_same_to_aiobotocore(async_bedrock: Any) -> None:
    answer = await async_bedrock.converse_stream(**conversation(EVERYTHING, toolConfig=CALCULATOR))
    check_stream([event async for event in answer["stream"]])


def check_stream(events: list[dict[str, Any]]) -> None:
    assert events[0] == {"messageStart": {"role": "assistant"}}
    assert events[-2] == {"messageStop": {"stopReason": "tool_use"}}
    assert events[-1]["metadata"]["usage"] == USAGE
    assert content(gathered(events)) == EXPECTED


def test_tool_results_lead_to_an_answer_in_text(bedrock: Any) -> None:
    asked = conversation('[[tool=calculator:{"expression":"2+2"}]] What is 2+2?', toolConfig=CALCULATOR)
    call = bedrock.converse(**asked)["output"]["message"]
    tool_use_id = call["content"][0]["toolUse"]["toolUseId"]
    result = {"toolUseId": tool_use_id, "content": [{"json": {"value": 4}}]}
    asked["messages"] += [call, {"role": "user", "content": [{"toolResult": result}]}]
    answer = bedrock.converse(**asked)
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


def test_a_kept_connection_serves_one_stream_after_another(bedrock: Any) -> None:
    for number in range(3):
        events = list(bedrock.converse_stream(**conversation(f'[[text="no {number}"]]'))["stream"])
        assert gathered(events) == [{"text": f"no {number}"}]


def test_what_was_served_is_written_down_without_a_word_of_it(model_server: ModelServer, bedrock: Any) -> None:
    words = 'canary [[text="canary too" reasoning=3]]'
    list(bedrock.converse_stream(**conversation(words, requestMetadata={"invocation_id": "inv_told"}))["stream"])
    entry = model_server.entry_of("inv_told")
    assert (entry["model"], entry["operation"]) == ("scripted.fast", "converse-stream")
    assert (entry["outcome"], entry["closed_at"]) == ("completed", None)
    assert entry["started_at"] <= entry["first_token_at"] <= entry["ended_at"]
    assert (entry["output_tokens"], entry["usage"]["outputTokens"]) == (5, 5)
    assert entry["input_tokens"] == entry["usage"]["inputTokens"] > 0
    assert "canary" not in model_server.log.read_text()
