"""Decodes the bytes of an event stream: https://smithy.io/2.0/aws/amazon-eventstream.html.

botocore's parser needs more CPU per token than all other code together. This one computes two checksums, takes the
headers from a cache and parses the JSON.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from botocore.eventstream import EventStreamHeaderParser, ParserError

from shared.llm.json_text import read_json

_PRELUDE: Final = struct.Struct(">III")
_CRC: Final = struct.Struct(">I")
_MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024


class BrokenFrameError(ValueError):
    """The bytes are damaged or not an event stream, or a payload is malformed."""


class StreamExceptionError(Exception):
    """The provider ended the stream with an exception or error event, with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class EventStreamDecoder:
    """Turns bytes, in pieces of any size, into events of the form `{type: payload}`."""

    def __init__(self) -> None:
        self._incomplete = b""

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the events that are complete with these bytes.

        Raises BrokenFrameError and StreamExceptionError, after the events before the fault were yielded.
        """
        data = self._incomplete + data if self._incomplete else data
        start, end = 0, len(data)
        while end - start >= _PRELUDE.size:
            total_bytes, header_bytes, crc = _PRELUDE.unpack_from(data, start)
            if crc32(data[start : start + 8]) != crc or not 16 + header_bytes <= total_bytes <= _MAX_MESSAGE_BYTES:
                raise BrokenFrameError
            if end - start < total_bytes:
                break
            crc_at, headers_end = start + total_bytes - _CRC.size, start + _PRELUDE.size + header_bytes
            if crc32(data[start:crc_at]) != _CRC.unpack_from(data, crc_at)[0]:
                raise BrokenFrameError
            yield _event(data[start + _PRELUDE.size : headers_end], data[headers_end:crc_at])
            start += total_bytes
        self._incomplete = data[start:]


def _event(encoded: bytes, body: bytes) -> dict[str, Any]:
    headers = _headers(encoded)
    payload = _payload(body) if body else {}
    match headers.get(":message-type"):
        case "event":
            return {str(headers.get(":event-type")): payload}
        case "exception":
            raise StreamExceptionError(str(headers.get(":exception-type")), str(payload.get("message", "")))
        case _:
            raise StreamExceptionError(str(headers.get(":error-code")), str(headers.get(":error-message", "")))


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = read_json(body)
    except ValueError:
        raise BrokenFrameError from None
    if not isinstance(payload, dict):
        raise BrokenFrameError
    return payload


@lru_cache(maxsize=64)
def _headers(encoded: bytes) -> dict[str, Any]:
    """Parse headers. Cached, because all events of a type have the same ones."""
    try:
        headers: dict[str, Any] = EventStreamHeaderParser().parse(encoded)
    except (ParserError, KeyError, ValueError, struct.error):
        raise BrokenFrameError from None
    return headers
