"""The frames can be read by botocore's parser."""

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
def test_frames_are_read_back_unchanged(payloads: list[bytes]) -> None:
    headers = eventstream.event_headers("contentBlockDelta")
    read_back = read(b"".join(eventstream.frame(headers, payload) for payload in payloads))
    assert [message.payload for message in read_back] == payloads


def test_an_event_has_its_type_and_the_content_type_json() -> None:
    (message,) = read(eventstream.event("messageStop", {"stopReason": "end_turn"}))
    assert message.headers == {
        ":event-type": "messageStop",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert json.loads(message.payload) == {"stopReason": "end_turn"}


def test_an_exception_has_its_own_message_type() -> None:
    (message,) = read(eventstream.exception("throttlingException", "slow down"))
    assert message.headers[":message-type"] == "exception"
    assert message.headers[":exception-type"] == "throttlingException"


@given(st.binary(max_size=100))
def test_a_corrupted_frame_has_a_wrong_checksum(payload: bytes) -> None:
    with pytest.raises(ChecksumMismatch):
        read(eventstream.corrupted(eventstream.frame(eventstream.event_headers("messageStart"), payload)))
