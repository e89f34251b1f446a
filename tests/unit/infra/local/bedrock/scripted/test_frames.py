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


def play(written: Script) -> list[TimedFrame]:
    return list(frames.of(written, lambda: 123))


def events(played: list[TimedFrame]) -> list[tuple[str, Any]]:
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(frame.data for frame in played))
    kind = ":event-type", ":exception-type"
    return [
        (next(message.headers[name] for name in kind if name in message.headers), json.loads(message.payload))
        for message in buffer
    ]


def test_a_stream_has_bedrocks_events_in_bedrocks_order() -> None:
    told = events(play(script()))
    assert [name for name, _ in told] == [
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
    assert told[3][1] == {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "signed"}}}
    assert told[6][1] == {"contentBlockIndex": 1, "delta": {"text": ' "b"'}}
    assert told[10][1] == {
        "contentBlockIndex": 2,
        "start": {"toolUse": {"toolUseId": "t1", "name": "calculator"}},
    }
    assert told[11][1] == {"contentBlockIndex": 2, "delta": {"toolUse": {"input": "{"}}}
    assert told[-1][1]["usage"]["totalTokens"] == 13
    assert told[-1][1]["metrics"] == {"latencyMs": 123}


def test_the_nth_token_is_due_at_its_ideal_time() -> None:
    spoken = [frame for frame in play(script()) if frame.tokens]
    assert [frame.due for frame in spoken] == pytest.approx([0.05 + 0.02 * n for n in range(8)])


@given(st.integers(1, 10), st.integers(0, 12), st.sampled_from([Fault.RESET, Fault.STREAM_ERROR, Fault.CUT]))
def test_a_fault_strikes_exactly_after_its_tokens_whatever_the_chunk(chunk: int, after: int, fault: Fault) -> None:
    played = play(script(fault, after, chunk))
    assert sum(frame.tokens for frame in played) == min(after, 8)
    assert "messageStop" not in [name for name, _ in events(played)]


@given(st.integers(1, 10))
def test_chunks_change_the_frames_not_the_words(chunk: int) -> None:
    text = "".join(
        body["delta"]["text"] for _, body in events(play(script(chunk=chunk))) if "text" in body.get("delta", {})
    )
    assert text == 'a "b" 다\n'


@pytest.mark.parametrize("fault", STREAM_EXCEPTIONS)
def test_exceptions_in_the_stream_are_its_last_word(fault: Fault) -> None:
    told = events(play(script(fault, after=3)))
    assert told[-1][0] == STREAM_EXCEPTIONS[fault].kind[0].lower() + STREAM_EXCEPTIONS[fault].kind[1:]
    assert told[-1][1]["message"]


def test_a_malformed_frame_comes_after_sound_ones() -> None:
    played = play(script(Fault.MALFORMED, after=3))
    assert len(events(played[:-1])) > 3
    with pytest.raises(ChecksumMismatch):
        events(played)


def test_usage_may_never_be_told() -> None:
    assert events(play(script(usage=None)))[-1][0] == "messageStop"
