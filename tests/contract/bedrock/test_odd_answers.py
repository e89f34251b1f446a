"""Answers as real models give them on bad days: botocore and aiobotocore read each, in a stream and without."""

from typing import Any

import pytest

from infra.local.bedrock.responses import STOP_REASONS
from tests.contract.bedrock.conftest import conversation
from tests.fakes.converse import CALCULATOR, user

Event = dict[str, Any]


def streamed(bedrock: Any, text: str, model: str = "scripted.fast", **more: Any) -> list[Event]:
    return list(bedrock.converse_stream(**conversation(text, model, **more))["stream"])


def whole(bedrock: Any, text: str, model: str = "scripted.fast", **more: Any) -> Any:
    return bedrock.converse(**conversation(text, model, **more))


def stop_reason(events: list[Event]) -> str:
    return next(event["messageStop"]["stopReason"] for event in events if "messageStop" in event)


def deltas(events: list[Event]) -> list[Event]:
    return [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]


def text_of(events: list[Event]) -> str:
    return "".join(delta["text"] for delta in deltas(events) if "text" in delta)


@pytest.mark.parametrize("reason", STOP_REASONS)
def test_every_stop_reason_is_reported(bedrock: Any, reason: str) -> None:
    told = f'[[text="Partly." stop={reason}]]'
    events = streamed(bedrock, told)
    assert (stop_reason(events), text_of(events)) == (reason, "Partly.")
    assert whole(bedrock, told)["stopReason"] == reason


@pytest.mark.parametrize("reason", ["refusal", "content_filtered", "end_turn"])
def test_an_answer_may_have_no_content(bedrock: Any, reason: str) -> None:
    told = f"[[blocks=[] stop={reason}]]"
    assert [next(iter(event)) for event in streamed(bedrock, told)] == ["messageStart", "messageStop", "metadata"]
    answer = whole(bedrock, told)
    assert (answer["output"]["message"]["content"], answer["stopReason"]) == ([], reason)


def test_a_blank_answer_is_passed_on(bedrock: Any) -> None:
    told = '[[blocks=[{"text": "\\n\\n"}, {"text": [""]}]]]'
    assert text_of(streamed(bedrock, told)) == "\n\n"
    assert whole(bedrock, told)["output"]["message"]["content"] == [{"text": "\n\n"}, {"text": ""}]


def test_a_call_may_come_under_end_turn(bedrock: Any) -> None:
    told = "[[tool=calculator:{} stop=end_turn]]"
    events = streamed(bedrock, told, toolConfig=CALCULATOR)
    assert stop_reason(events) == "end_turn"
    assert any("contentBlockStart" in event for event in events)


def test_tool_use_may_come_without_a_call(bedrock: Any) -> None:
    assert stop_reason(streamed(bedrock, '[[text="No call." stop=tool_use]]')) == "tool_use"


@pytest.mark.parametrize("reason", ["max_tokens", "tool_use", "malformed_tool_use"])
def test_half_an_input_is_passed_on(bedrock: Any, reason: str) -> None:
    told = f'[[blocks=[{{"tool": "calculator", "input": "{{\\"expression\\": \\"2+"}}] stop={reason}]]'
    events = streamed(bedrock, told)
    assert "".join(delta["toolUse"]["input"] for delta in deltas(events)) == '{"expression": "2+'
    assert [next(iter(event)) for event in events[-3:]] == ["contentBlockStop", "messageStop", "metadata"]
    content = whole(bedrock, told)["output"]["message"]["content"]
    assert content[0]["toolUse"]["input"] == '{"expression": "2+'


def test_a_call_may_have_no_start_event(bedrock: Any) -> None:
    events = streamed(bedrock, '[[blocks=[{"tool": "calculator", "input": {"a": 1}, "start": false}]]]')
    assert not any("contentBlockStart" in event for event in events)
    assert "".join(delta["toolUse"]["input"] for delta in deltas(events)) == '{"a": 1}'


@pytest.mark.parametrize("times", [60, 1_214])
def test_a_model_may_stutter(bedrock: Any, times: int) -> None:
    told = f'[[blocks=[{{"tool": "calculator", "times": {times}}}]]]'
    starts = [event for event in streamed(bedrock, told) if "contentBlockStart" in event]
    assert len(starts) == len(whole(bedrock, told)["output"]["message"]["content"]) == times


@pytest.mark.parametrize("name", ["no_such_tool", "two words", "a.b", "x" * 80, ""])
def test_a_call_may_have_an_impossible_name(bedrock: Any, name: str) -> None:
    told = f'[[blocks=[{{"tool": "{name}"}}]]]'
    start = next(event for event in streamed(bedrock, told) if "contentBlockStart" in event)
    assert start["contentBlockStart"]["start"]["toolUse"]["name"] == name
    assert whole(bedrock, told)["output"]["message"]["content"][0]["toolUse"]["name"] == name


REASONING = (
    '[[blocks=[{"reasoning": "One."}, {"redacted": true}, {"reasoning": ""}, {"text": "a"}, '
    '{"tool": "calculator"}, {"reasoning": "Two."}, {"tool": "calculator"}]]] go'
)


def test_reasoning_may_come_in_several_blocks_redacted_and_between_calls(bedrock: Any) -> None:
    by_index: dict[int, list[str]] = {}
    for event in streamed(bedrock, REASONING, toolConfig=CALCULATOR):
        if "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]["delta"]
            kind = next(iter(delta.get("reasoningContent", delta)))
            by_index.setdefault(event["contentBlockDelta"]["contentBlockIndex"], []).append(kind)
    assert [sorted(set(kinds)) for _, kinds in sorted(by_index.items())] == [
        ["signature", "text"],
        ["redactedContent"],
        ["signature"],
        ["text"],
        ["toolUse"],
        ["signature", "text"],
        ["toolUse"],
    ]


def test_reasoning_is_accepted_as_botocore_has_read_it(bedrock: Any) -> None:
    answer = whole(bedrock, REASONING, "scripted.bound", toolConfig=CALCULATOR)["output"]["message"]
    assert isinstance(answer["content"][1]["reasoningContent"]["redactedContent"], bytes)
    assert answer["content"][2]["reasoningContent"]["reasoningText"]["text"] == ""
    ids = [block["toolUse"]["toolUseId"] for block in answer["content"] if "toolUse" in block]
    results = user(*({"toolResult": {"toolUseId": each, "content": [{"text": "4"}]}} for each in ids))
    request = conversation(REASONING, "scripted.bound", toolConfig=CALCULATOR)
    request["messages"] += [answer, results]
    assert bedrock.converse(**request)["stopReason"] == "end_turn"


SIGNS = {
    "a pair of surrogates over two deltas": (r'["\ud83d", "\ude00"]', ["\ud83d", "\ude00"]),
    "half a pair": (r'["a\ud83d"]', ["a\ud83d"]),
    "line separators": (r'["a\u2028b\u2029c\u0085d"]', ["a\u2028b\u2029c\u0085d"]),
    "control characters": (r'["\u0000\u0007\u001b[0m\r\n"]', ["\0\x07\x1b[0m\r\n"]),
}


@pytest.mark.parametrize("kind", SIGNS)
async def test_any_character_can_be_in_a_delta(bedrock: Any, async_bedrock: Any, kind: str) -> None:
    told, expected = SIGNS[kind]
    question = f'[[blocks=[{{"text": {told}}}]]]'
    assert [delta["text"] for delta in deltas(streamed(bedrock, question))] == expected
    answer = await async_bedrock.converse_stream(**conversation(question))
    assert [delta["text"] for delta in deltas([event async for event in answer["stream"]])] == expected
    joined = "".join(expected).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert whole(bedrock, question)["output"]["message"]["content"] == [{"text": joined}]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("12/3/null/-", {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15}),
        ("null/3/4/null", {"outputTokens": 3, "cacheReadInputTokens": 4, "totalTokens": 7}),
        ("-/-", {"cacheReadInputTokens": 0, "cacheWriteInputTokens": 0, "totalTokens": 0}),
    ],
)
async def test_counters_may_be_null_or_missing(
    bedrock: Any, async_bedrock: Any, told: str, expected: dict[str, int]
) -> None:
    question = f"[[usage={told}]] hi"
    assert streamed(bedrock, question)[-1]["metadata"]["usage"] == expected
    assert whole(bedrock, question)["usage"] == expected
    answer = await async_bedrock.converse_stream(**conversation(question))
    assert [event async for event in answer["stream"]][-1]["metadata"]["usage"] == expected


@pytest.mark.parametrize(
    "model", ["scripted.claude", "scripted.bound", "scripted.nova", "scripted.gpt", "scripted.llama"]
)
async def test_aiobotocore_reads_the_answer_of_every_family(async_bedrock: Any, model: str) -> None:
    answer = await async_bedrock.converse_stream(**conversation("hi", model))
    events = [event async for event in answer["stream"]]
    assert stop_reason(events) == "end_turn"
    assert text_of(events)


ODD = {
    "everything": REASONING,
    "nothing": "[[blocks=[]]]",
    "blank": '[[blocks=[{"text": " "}, {"text": [""]}]]]',
    "half an input": '[[blocks=[{"tool": "calculator", "input": "{"}] stop=max_tokens]]',
    "no start": '[[blocks=[{"tool": "calculator", "start": false}]]]',
    "an impossible name": '[[blocks=[{"tool": "two words"}]]]',
    "a stutter": '[[blocks=[{"tool": "calculator", "times": 60}]]]',
    "a refusal": "[[blocks=[] stop=refusal]]",
    "odd counters": "[[usage=null/-/null/-]]",
}


@pytest.mark.parametrize("kind", ODD)
async def test_aiobotocore_reads_the_same_events_as_botocore(bedrock: Any, async_bedrock: Any, kind: str) -> None:
    request = conversation(ODD[kind], "scripted.claude", toolConfig=CALCULATOR)
    read = [[next(iter(event)) for event in bedrock.converse_stream(**request)["stream"]]]
    answer = await async_bedrock.converse_stream(**request)
    read.append([next(iter(event)) async for event in answer["stream"]])
    assert read[0] == read[1]
    assert read[0][-2:] == ["messageStop", "metadata"]
    whole_answer = await async_bedrock.converse(**request)
    assert whole_answer["stopReason"] == bedrock.converse(**request)["stopReason"]
