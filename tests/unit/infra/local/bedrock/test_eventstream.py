"""The frames, read by botocore's own parser."""

import json

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer, EventStreamMessage
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import eventstream


def read(data: bytes) -> list[EventStreamMessage]:
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return list(buffer)


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=5))
def test_frames_come_out_as_they_went_in(payloads: list[bytes]) -> None:
    headers = eventstream.event_headers("contentBlockDelta")
    read_back = read(b"".join(eventstream.frame(headers, payload) for payload in payloads))
    assert [message.payload for message in read_back] == payloads


def test_an_event_says_its_type_and_that_it_is_json() -> None:
    (message,) = read(eventstream.event("messageStop", {"stopReason": "end_turn"}))
    assert message.headers == {
        ":event-type": "messageStop",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert json.loads(message.payload) == {"stopReason": "end_turn"}


def test_an_exception_is_no_event() -> None:
    (message,) = read(eventstream.exception("throttlingException", "slow down"))
    assert message.headers[":message-type"] == "exception"
    assert message.headers[":exception-type"] == "throttlingException"


@given(st.binary(max_size=100))
def test_a_corrupted_frame_fails_its_checksum_and_only_that(payload: bytes) -> None:
    with pytest.raises(ChecksumMismatch):
        read(eventstream.corrupted(eventstream.frame(eventstream.event_headers("messageStart"), payload)))
