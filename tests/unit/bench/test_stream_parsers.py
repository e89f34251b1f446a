"""The stream parsers of the load generator give the same result for pieces of any size."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import eventstream
from tests.bench.load import _lags
from tests.bench.plan import Pace, StreamRequest
from tests.bench.stream_parsers import EventStreamParser, SseParser

CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=30)


def sse(*frames: tuple[int, str, object]) -> bytes:
    results = "".join(f"id: {number}\nevent: {event}\ndata: {json.dumps(data)}\n\n" for number, event, data in frames)
    return results.encode()


ANSWER = sse(
    (1, "turn.started", {"turn_id": "turn_1"}),
    (2, "message.delta", {"text": "Guten "}),
    (3, "message.delta", {"text": "Tag"}),
    (4, "turn.completed", {}),
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    found, at = [], 0
    for cut in cuts:
        found.append(data[at : at + cut])
        at += cut
    return [*found, data[at:]]


@given(CUTS)
def test_frames_are_parsed_from_pieces_of_any_size(cuts: list[int]) -> None:
    parser = SseParser()
    for number, piece in enumerate(pieces(ANSWER, cuts)):
        parser.feed(number, piece)
    assert ("".join(text for _, text in parser.received), parser.turn_id, parser.frames) == ("Guten Tag", "turn_1", 4)
    assert parser.problem() is None


def test_a_delta_is_received_with_its_last_byte() -> None:
    parser = SseParser()
    parser.feed(1.0, ANSWER[:-1])
    parser.feed(2.0, ANSWER[-1:])
    assert [at for at, _ in parser.received] == [1.0, 1.0]
    assert parser.problem() is None


def test_a_comment_is_not_counted_as_a_frame() -> None:
    parser = SseParser()
    parser.feed(0, b": still there\n\n" + ANSWER)
    assert parser.frames == 4


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (sse((1, "turn.started", {"turn_id": "turn_1"})), "ended with None"),
        (sse((2, "turn.completed", {})), "ids are not consecutive"),
        (sse((1, "turn.failed", {"type": "/problems/model-throttled"})), "turn.failed"),
    ],
)
def test_a_stream_without_a_regular_end_is_a_problem(data: bytes, problem: str) -> None:
    parser = SseParser()
    parser.feed(0, data)
    assert problem in (parser.problem() or "")


RELAYED = b"".join(
    [
        eventstream.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Guten "}}),
        eventstream.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Tag"}}),
        eventstream.event("messageStop", {"stopReason": "end_turn"}),
    ]
)


@given(CUTS)
def test_relayed_frames_are_parsed_from_pieces_of_any_size(cuts: list[int]) -> None:
    parser = EventStreamParser()
    for piece in pieces(RELAYED, cuts):
        parser.feed(0, piece)
    assert ("".join(text for _, text in parser.received), parser.problem()) == ("Guten Tag", None)


def test_a_relayed_stream_without_its_stop_is_a_problem() -> None:
    parser = EventStreamParser()
    parser.feed(0, RELAYED[:40])
    assert parser.problem() == "ended before messageStop"


def lags(received: list[tuple[float, str]], **pace: float) -> list[float]:
    request = StreamRequest("chat", "", pace=Pace(**{"ttft": 50, "gap": 20, "tokens": 3, **pace}))  # type: ignore[arg-type]
    return [round(lag) for lag in _lags(request, 0.0, received)]


def test_a_lag_is_the_delay_after_the_due_time_of_a_token() -> None:
    assert lags([(0.055, "one"), (0.070, " two"), (0.100, " three")]) == [5, 0, 10]


def test_each_token_of_a_frame_has_its_own_lag() -> None:
    assert lags([(0.090, "one two three")]) == [40, 20, 0]


def test_a_token_is_received_with_its_last_letter() -> None:
    assert lags([(0.050, "o"), (0.060, "ne"), (0.070, " two"), (0.090, " three")]) == [10, 0, 0]
