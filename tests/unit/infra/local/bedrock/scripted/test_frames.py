import json
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock.responses import Block, ReasoningContent, TextContent, TokenUsage, ToolUseContent
from infra.local.bedrock.scripted import frames
from infra.local.bedrock.scripted.faults import STREAM_EXCEPTIONS, Fault
from infra.local.bedrock.scripted.frames import TimedFrame
from infra.local.bedrock.scripted.script import Pacing, Script

BLOCKS: list[Block] = [
    ReasoningContent(["so", " so"], "signed"),
    TextContent(["a", ' "b"', " 다", "\n"]),
    ToolUseContent(["{", "}"], "t1", "calculator"),
]
USAGE = TokenUsage(5, 8)


def script(fault: Fault | None = None, after: int = 0, chunk: int = 1, usage: TokenUsage | None = USAGE) -> Script:
    return Script(BLOCKS, "tool_use", usage, Pacing(0.05, 0.02, chunk), fault, after)


def frames_of(given_script: Script) -> list[TimedFrame]:
    return list(frames.of(given_script, lambda: 123))


def events(timed_frames: list[TimedFrame]) -> list[tuple[str, Any]]:
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(frame.data for frame in timed_frames))
    kind = ":event-type", ":exception-type"
    return [
        (next(message.headers[name] for name in kind if name in message.headers), json.loads(message.payload))
        for message in buffer
    ]


def test_a_stream_has_the_events_of_bedrock_in_its_order() -> None:
    found = events(frames_of(script()))
    assert [name for name, _ in found] == [
        "messageStart",
        *["contentBlockDelta"] * 3,
        "contentBlockStop",
        *["contentBlockDelta"] * 4,
        "contentBlockStop",
        "contentBlockStart",
        *["contentBlockDelta"] * 2,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert found[3][1] == {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "signed"}}}
    assert found[6][1] == {"contentBlockIndex": 1, "delta": {"text": ' "b"'}}
    assert found[10][1] == {
        "contentBlockIndex": 2,
        "start": {"toolUse": {"toolUseId": "t1", "name": "calculator"}},
    }
    assert found[11][1] == {"contentBlockIndex": 2, "delta": {"toolUse": {"input": "{"}}}
    assert found[-1][1]["usage"]["totalTokens"] == 13
    assert found[-1][1]["metrics"] == {"latencyMs": 123}


def test_each_token_is_due_at_its_ideal_time() -> None:
    token_frames = [frame for frame in frames_of(script()) if frame.tokens]
    assert [frame.due for frame in token_frames] == pytest.approx([0.05 + 0.02 * n for n in range(8)])


@given(st.integers(1, 10), st.integers(0, 12), st.sampled_from([Fault.RESET, Fault.STREAM_ERROR, Fault.CUT]))
def test_a_fault_comes_exactly_after_its_tokens_for_any_chunk_size(chunk: int, after: int, fault: Fault) -> None:
    timed_frames = frames_of(script(fault, after, chunk))
    assert sum(frame.tokens for frame in timed_frames) == min(after, 8)
    assert "messageStop" not in [name for name, _ in events(timed_frames)]


@given(st.integers(1, 10))
def test_the_chunk_size_does_not_change_the_text(chunk: int) -> None:
    text = "".join(
        body["delta"]["text"] for _, body in events(frames_of(script(chunk=chunk))) if "text" in body.get("delta", {})
    )
    assert text == 'a "b" 다\n'


@pytest.mark.parametrize("fault", STREAM_EXCEPTIONS)
def test_an_exception_is_the_last_event_of_the_stream(fault: Fault) -> None:
    found = events(frames_of(script(fault, after=3)))
    assert found[-1][0] == STREAM_EXCEPTIONS[fault].kind[0].lower() + STREAM_EXCEPTIONS[fault].kind[1:]
    assert found[-1][1]["message"]


def test_a_malformed_frame_comes_after_valid_ones() -> None:
    timed_frames = frames_of(script(Fault.MALFORMED, after=3))
    assert len(events(timed_frames[:-1])) > 3
    with pytest.raises(ChecksumMismatch):
        events(timed_frames)


def test_without_usage_there_is_no_metadata_event() -> None:
    assert events(frames_of(script(usage=None)))[-1][0] == "messageStop"


def test_what_a_model_thinks_silently_takes_its_time() -> None:
    hidden: list[Block] = [ReasoningContent([], "signed", hidden=10), TextContent(["a"])]
    timed_frames = frames_of(Script(hidden, "end_turn", USAGE, Pacing(0.05, 0.02, 1), None, 0))
    assert [frame.due for frame in timed_frames] == pytest.approx([0.25, 0.25])
    assert [name for name, _ in events(timed_frames)][:4] == [
        "messageStart",
        "contentBlockDelta",
        "contentBlockStop",
        "contentBlockDelta",
    ]
