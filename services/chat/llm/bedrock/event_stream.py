"""The bytes of an event stream: https://smithy.io/2.0/aws/amazon-eventstream.html.

botocore's own parser costs more CPU than all else that is done with a token; here a token's frame is two checksums,
a look at headers that were seen before, and its JSON.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from botocore.eventstream import EventStreamHeaderParser, ParserError
from pydantic_core import from_json

_PRELUDE: Final = struct.Struct(">III")
_CRC: Final = struct.Struct(">I")
_MOST_BYTES: Final = 16 * 1024 * 1024


class BrokenFrameError(ValueError):
    """What came is no event stream, or came damaged."""


class StreamExceptionError(Exception):
    """The provider ended the stream with an exception: its code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class EventStreamDecoder:
    """Takes bytes as they come and gives each event as `{its type: its payload}` once it is whole."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Raises BrokenFrameError and StreamExceptionError behind the events that came before."""
        data = self._rest + data if self._rest else data
        at, end = 0, len(data)
        while end - at >= _PRELUDE.size:
            total, of_headers, crc = _PRELUDE.unpack_from(data, at)
            if crc32(data[at : at + 8]) != crc or not 16 + of_headers <= total <= _MOST_BYTES:
                raise BrokenFrameError
            if end - at < total:
                break
            body, headers_end = at + total - 4, at + _PRELUDE.size + of_headers
            if crc32(data[at:body]) != _CRC.unpack_from(data, body)[0]:
                raise BrokenFrameError
            yield _event(data[at + _PRELUDE.size : headers_end], data[headers_end:body])
            at += total
        self._rest = data[at:]


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
        payload = from_json(body)
    except ValueError:
        raise BrokenFrameError from None
    if not isinstance(payload, dict):
        raise BrokenFrameError
    return payload


@lru_cache(maxsize=64)
def _headers(encoded: bytes) -> dict[str, Any]:
    """The same few again and again: one set per kind of event."""
    try:
        headers: dict[str, Any] = EventStreamHeaderParser().parse(encoded)
    except (ParserError, KeyError, ValueError, struct.error):
        raise BrokenFrameError from None
    return headers
