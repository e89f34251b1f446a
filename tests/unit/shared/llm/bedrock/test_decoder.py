"""Each event of ConverseStream becomes an event of the model port, or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import Usage
from shared.llm.bedrock.decoder import ConverseDecoder
from shared.llm.bedrock.event_stream import BrokenFrameError
from shared.llm.port import (
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)
from tests.fakes.bedrock_client import START, block_stop, reasoning, stop, text, tool_input, tool_start, usage


def read(*raw_events: dict[str, Any]) -> list[ModelEvent]:
    decoder = ConverseDecoder()
    return [event for event in map(decoder.decode, raw_events) if event is not None]


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (text("x"), TextDelta("x")),
        (reasoning(text="hm"), ReasoningDelta("hm")),
        (reasoning(signature="sig"), ReasoningSignature("sig")),
        (stop("max_tokens"), Stopped("max_tokens")),
    ],
)
def test_a_raw_event_is_decoded_to_its_model_event(raw: dict[str, Any], event: ModelEvent) -> None:
    assert read(raw) == [event]


@pytest.mark.parametrize(
    "raw",
    [
        START,
        text(""),
        reasoning(text=""),
        reasoning(redactedContent="…"),
        block_stop(),
        {"contentBlockStart": {"start": {}, "contentBlockIndex": 1}},
        {"contentBlockDelta": {"delta": {}, "contentBlockIndex": 1}},
        {"contentBlockDelta": "no object"},
        {"metadata": {"metrics": {"latencyMs": 3}}},
        {"somethingNew": {}},
    ],
)
def test_other_raw_events_are_ignored(raw: dict[str, Any]) -> None:
    assert read(raw) == []


@pytest.mark.parametrize(
    ("tokens", "counted"),
    [
        ({"inputTokens": 3, "outputTokens": 2}, Usage(input_tokens=3, output_tokens=2)),
        ({"cacheReadInputTokens": 5, "cacheWriteInputTokens": 7}, Usage(cache_read_tokens=5, cache_write_tokens=7)),
        ({"cacheReadInputTokens": None, "cacheWriteInputTokens": None}, Usage()),
    ],
)
def test_usage_is_read_with_its_cached_tokens(tokens: dict[str, int | None], counted: Usage) -> None:
    assert read(usage(**tokens)) == [UsageReported(counted)]


def test_a_tool_use_follows_once_its_input_is_complete() -> None:
    decoder = ConverseDecoder()
    pieces = [tool_start("calculator"), tool_input('{"expres'), tool_input('sion":"2+2"}')]
    assert ToolUse not in [type(decoder.decode(each)) for each in pieces]
    assert decoder.decode(block_stop()) == ToolUse("calculator", {"expression": "2+2"})
    assert decoder.decode(block_stop()) is None


def test_tool_input_is_decoded_to_deltas_that_begin_with_the_name() -> None:
    events = read(tool_start("calculator"), tool_input('{"expres'), tool_input(""), tool_input('sion":"2+2"}'))
    assert events == [
        ToolInputDelta(0, "", "calculator"),
        ToolInputDelta(0, '{"expres'),
        ToolInputDelta(0, 'sion":"2+2"}'),
    ]


def test_tools_are_numbered_without_the_text_blocks_between_them() -> None:
    events = read(text("a"), tool_start("now", 1), block_stop(1), text("b"), tool_start("now", 3), tool_input("{}", 3))
    deltas = [each for each in events if isinstance(each, ToolInputDelta)]
    assert deltas == [ToolInputDelta(0, "", "now"), ToolInputDelta(1, "", "now"), ToolInputDelta(1, "{}")]


def test_tool_input_without_a_tool_is_ignored() -> None:
    assert read(tool_input('{"expres')) == []


@given(st.permutations([0, 1, 2]))
def test_interleaved_tool_inputs_do_not_mix(order: list[int]) -> None:
    starts = [tool_start(f"tool_{index}", index) for index in range(3)]
    inputs = [tool_input(f'{{"number":{index}}}', index) for index in order]
    events = read(*starts, *inputs, *(block_stop(index) for index in order))
    assert [each for each in events if isinstance(each, ToolUse)] == [
        ToolUse(f"tool_{index}", {"number": index}) for index in order
    ]


@pytest.mark.parametrize("pieces", [[], [""], [" "], ["{}"], ["{", "}"]])
def test_an_empty_input_is_an_empty_object(pieces: list[str]) -> None:
    events = read(tool_start("now"), *map(tool_input, pieces), block_stop())
    assert events[-1] == ToolUse("now", {})


@pytest.mark.parametrize("text_input", ['{"a":', "[1]", '"2+2"', "4", "null", '{"a":NaN}', "{'a':1}"])
def test_tool_input_that_is_not_a_json_object_is_a_broken_frame(text_input: str) -> None:
    with pytest.raises(BrokenFrameError):
        read(tool_start("calculator"), tool_input(text_input), block_stop())
