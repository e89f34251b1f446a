"""Encodes frames of `application/vnd.amazon.eventstream`.

A frame is big-endian: prelude, CRC of the prelude, headers, payload, CRC of the whole frame.
"""

import json
from functools import lru_cache
from struct import pack
from zlib import crc32

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
_OVERHEAD = 16


def _headers(**values: str) -> bytes:
    encoded = bytearray()
    for name, value in values.items():
        key, text = f":{name.replace('_', '-')}".encode(), value.encode()
        encoded += pack("B", len(key)) + key + pack(">BH", _STRING, len(text)) + text
    return bytes(encoded)


@lru_cache(maxsize=64)
def event_headers(event_type: str) -> bytes:
    return _headers(event_type=event_type, content_type="application/json", message_type="event")


@lru_cache(maxsize=64)
def exception_headers(exception_type: str) -> bytes:
    return _headers(exception_type=exception_type, content_type="application/json", message_type="exception")


@lru_cache(maxsize=8192)
def _head(headers: bytes, payload_length: int) -> tuple[bytes, int]:
    """Everything before the payload, and its CRC. Cached: both depend only on the headers and the payload's length."""
    prelude = pack(">II", len(headers) + payload_length + _OVERHEAD, len(headers))
    head = prelude + pack(">I", crc32(prelude)) + headers
    return head, crc32(head)


def frame(headers: bytes, payload: bytes) -> bytes:
    head, crc = _head(headers, len(payload))
    return head + payload + pack(">I", crc32(payload, crc))


def event(event_type: str, body: object) -> bytes:
    return frame(event_headers(event_type), json.dumps(body, separators=(",", ":")).encode())


def exception(exception_type: str, message: str) -> bytes:
    return frame(exception_headers(exception_type), json.dumps({"message": message}).encode())


def corrupted(intact: bytes) -> bytes:
    """The same frame with a wrong CRC."""
    return intact[:-1] + bytes([intact[-1] ^ 0xFF])
