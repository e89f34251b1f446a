"""Each event of ConverseStream becomes an event of the model port, or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue import Usage
from shared.llm.bedrock.decoder import ConverseDecoder
from shared.llm.port import (
    BrokenToolUse,
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    RedactedReasoning,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)
from tests.fakes.bedrock_client import START, block_stop, reasoning, stop, text, tool_input, tool_start, usage


def read(*raw_events: dict[str, Any]) -> list[ModelEvent]:
    decoder = ConverseDecoder()
    return [event for raw in raw_events for event in decoder.decode(raw)]


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (text("x"), TextDelta("x")),
        (reasoning(text="hm"), ReasoningDelta("hm")),
        (reasoning(signature="sig"), ReasoningSignature("sig")),
        (reasoning(redactedContent="c2VjcmV0"), RedactedReasoning("c2VjcmV0")),
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
        ({"inputTokens": None, "outputTokens": -1}, Usage()),
        (
            {
                "cacheWriteInputTokens": 9,
                "cacheDetails": [{"ttl": "1h", "inputTokens": 4}, {"ttl": "5m", "inputTokens": 5}],
            },
            Usage(cache_write_tokens=9, cache_write_1h_tokens=4),
        ),
        ({"cacheWriteInputTokens": 9, "cacheDetails": [None, {"ttl": "1h"}]}, Usage(cache_write_tokens=9)),
    ],
)
def test_usage_is_read_with_its_cached_tokens(tokens: dict[str, Any], counted: Usage) -> None:
    assert read(usage(**tokens)) == [UsageReported(counted)]


def test_a_tool_use_follows_once_its_input_is_complete() -> None:
    decoder = ConverseDecoder()
    pieces = [tool_start("calculator"), tool_input('{"expres'), tool_input('sion":"2+2"}')]
    assert ToolUse not in [type(event) for each in pieces for event in decoder.decode(each)]
    assert decoder.decode(block_stop()) == (ToolUse("calculator", {"expression": "2+2"}),)
    assert decoder.decode(block_stop()) == ()


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


def test_a_tool_use_whose_block_has_no_start_is_read_from_its_deltas() -> None:
    delta = {"delta": {"toolUse": {"name": "now", "input": "{}"}}, "contentBlockIndex": 0}
    assert read({"contentBlockDelta": delta}, block_stop())[-1] == ToolUse("now", {})


def test_a_tool_use_without_a_name_has_an_empty_name() -> None:
    assert read(tool_input("{}"), block_stop())[-1] == ToolUse("", {})


def test_a_tool_use_whose_block_has_no_stop_ends_with_the_message() -> None:
    assert read(tool_start("now"), stop("tool_use"))[-2:] == [ToolUse("now", {}), Stopped("tool_use")]


def test_events_have_the_position_of_their_block() -> None:
    events = read(
        {"contentBlockDelta": {"delta": {"text": "a"}, "contentBlockIndex": 2}},
        {"contentBlockDelta": {"delta": {"reasoningContent": {"signature": "s"}}, "contentBlockIndex": 3}},
        tool_start("now", 4),
        block_stop(4),
    )
    assert [getattr(event, "block", None) for event in events] == [2, 3, None, 4]


def test_halves_of_a_surrogate_pair_in_two_deltas_are_one_character() -> None:
    events = read(text("a\ud83d"), text("\ude00b"))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "a😀b"


@pytest.mark.parametrize("pieces", [["a\ud83d", "b"], ["a\ud83d"], ["\ude00"], ["\ud83d", "\ud83d\ude00"]])
def test_a_half_without_its_other_half_is_replaced(pieces: list[str]) -> None:
    events = read(*map(text, pieces), block_stop())
    whole = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert "\ufffd" in whole
    assert whole.encode()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), st.integers(0, 20))
def test_a_text_that_is_cut_anywhere_is_read_whole(whole: str, cut: int) -> None:
    units = whole.encode("utf-16-le", "surrogatepass")
    pieces = [part.decode("utf-16-le", "surrogatepass") for part in (units[: 2 * cut], units[2 * cut :])]
    events = read(*map(text, filter(None, pieces)), block_stop())
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == whole


def test_half_a_pair_in_a_tool_input_is_replaced() -> None:
    assert read(tool_start("now"), tool_input('{"a":"\\ud83d"}'), block_stop())[-1] == ToolUse("now", {"a": "\ufffd"})


@given(st.permutations([0, 1, 2]))
def test_interleaved_tool_inputs_do_not_mix(order: list[int]) -> None:
    starts = [tool_start(f"tool_{index}", index) for index in range(3)]
    inputs = [tool_input(f'{{"number":{index}}}', index) for index in order]
    events = read(*starts, *inputs, *(block_stop(index) for index in order))
    assert [each for each in events if isinstance(each, ToolUse)] == [
        ToolUse(f"tool_{index}", {"number": index}, index) for index in order
    ]


@pytest.mark.parametrize("pieces", [[], [""], [" "], ["{}"], ["{", "}"], ["null"]])
def test_an_empty_input_is_an_empty_object(pieces: list[str]) -> None:
    events = read(tool_start("now"), *map(tool_input, pieces), block_stop())
    assert events[-1] == ToolUse("now", {})


@pytest.mark.parametrize("text_input", ['{"a":', "[1]", '"2+2"', "4", '{"a":NaN}', "{'a':1}", "[" * 5000])
def test_tool_input_that_is_not_a_json_object_is_a_broken_tool_use(text_input: str) -> None:
    events = read(tool_start("calculator"), tool_input(text_input), block_stop())
    assert events[-1] == BrokenToolUse("calculator")
