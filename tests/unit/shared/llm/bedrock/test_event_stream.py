"""An event stream is decoded in pieces of any size; damaged bytes never become an event."""

import json
from itertools import pairwise
from struct import pack
from typing import Any
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import eventstream
from shared.llm.bedrock.event_stream import BrokenFrameError, EventStreamDecoder, StreamExceptionError
from tests.fakes.bedrock_client import START, fault, frame, stop, text

texts = st.lists(st.text(max_size=40), max_size=8)


def decode(*pieces: bytes) -> list[dict[str, Any]]:
    decoder = EventStreamDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


@given(texts, st.data())
def test_events_are_decoded_from_pieces_of_any_size(values: list[str], data: st.DataObject) -> None:
    events = [START, *map(text, values), stop()]
    whole = b"".join(map(frame, events))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    assert decode(*(whole[begin:end] for begin, end in pairwise([0, *cuts, len(whole)]))) == events


@given(texts)
def test_frames_are_decoded_as_botocore_decodes_them(values: list[str]) -> None:
    whole = b"".join(frame(text(each)) for each in values)
    buffer = EventStreamBuffer()
    buffer.add_data(whole)
    theirs = [{message.headers[":event-type"]: json.loads(message.payload)} for message in buffer]
    assert decode(whole) == theirs


def test_an_event_is_decoded_with_its_last_byte() -> None:
    decoder, whole = EventStreamDecoder(), frame(text("x"))
    assert list(decoder.feed(whole[:-1])) == []
    assert list(decoder.feed(whole[-1:])) == [text("x")]


@given(st.integers(0, len(frame(text("token"))) - 1), st.integers(1, 255))
def test_a_single_wrong_byte_never_becomes_an_event(index: int, change: int) -> None:
    whole = bytearray(frame(text("token")))
    whole[index] ^= change
    decoder = EventStreamDecoder()
    with pytest.raises(BrokenFrameError):
        list(decoder.feed(bytes(whole)))


def test_events_before_a_damaged_frame_are_decoded() -> None:
    events = EventStreamDecoder().feed(frame(text("x")) + eventstream.corrupted(frame(text("y"))))
    assert next(events) == text("x")
    with pytest.raises(BrokenFrameError):
        next(events)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"4", b'"x"', b"\xff"])
def test_a_payload_that_is_no_object_is_a_broken_frame(body: bytes) -> None:
    with pytest.raises(BrokenFrameError):
        decode(eventstream.frame(eventstream.event_headers("contentBlockDelta"), body))


def test_an_event_without_a_payload_is_empty() -> None:
    assert decode(eventstream.frame(eventstream.event_headers("messageStart"), b"")) == [{"messageStart": {}}]


@pytest.mark.parametrize(("total", "of_headers"), [(2**31, 0), (15, 0), (40, 30)])
def test_impossible_lengths_are_a_broken_frame(total: int, of_headers: int) -> None:
    prelude = pack(">II", total, of_headers)
    with pytest.raises(BrokenFrameError):
        decode(prelude + pack(">I", crc32(prelude)))


@pytest.mark.parametrize("headers", [b"\x05abc", b"\x01a\x07\x00", b"\x01a\x63z"])
def test_unreadable_headers_are_a_broken_frame(headers: bytes) -> None:
    with pytest.raises(BrokenFrameError):
        decode(eventstream.frame(headers, b"{}"))


def test_an_exception_within_the_stream_is_raised_with_its_code() -> None:
    with pytest.raises(StreamExceptionError) as refused:
        decode(fault("throttlingException", "slow down"))
    assert (refused.value.code, refused.value.message) == ("throttlingException", "slow down")


def test_an_unmodelled_error_has_its_code_in_the_headers() -> None:
    headers = eventstream._headers(message_type="error", error_code="InternalError", error_message="oops")
    with pytest.raises(StreamExceptionError) as refused:
        decode(eventstream.frame(headers, b""))
    assert (refused.value.code, refused.value.message) == ("InternalError", "oops")
