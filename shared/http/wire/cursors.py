"""Cursors: an opaque, signed position in a list, valid for one caller and one list only."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr

from shared.http.app.limits import CURSOR_MAX
from shared.problems import Problem, problem

CURSOR_PATTERN: Final = r"^[A-Za-z0-9_-]{1,2000}\.[A-Za-z0-9_-]{22}$"
_SHAPE: Final = re.compile(CURSOR_PATTERN)
_MAC_BYTES: Final = 16


class CursorSigner:
    """Signs positions. They are not encrypted, so they must hold nothing that the caller may not see."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = hashlib.sha256(b"colloquy cursor\n" + secret.get_secret_value().encode()).digest()

    def write(self, position: Mapping[str, str], scope: str) -> str:
        """A cursor for this position. `scope`: the caller and the list, which `read` must be given again."""
        content = _encode(json.dumps(dict(position), separators=(",", ":")).encode())
        cursor = f"{content}.{_encode(self._mac(content, scope))}"
        if len(cursor) > CURSOR_MAX:
            raise ValueError("the position is too long for a cursor")
        return cursor

    def read(self, cursor: str, scope: str) -> dict[str, str]:
        """The position. Raises `invalid-cursor` (400) for a text that `write` did not return for this scope."""
        if not _SHAPE.fullmatch(cursor):
            raise _invalid_cursor()
        content, mac = cursor.split(".")
        if not hmac.compare_digest(_encode(self._mac(content, scope)), mac):
            raise _invalid_cursor()
        try:
            position: dict[str, str] = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        except (binascii.Error, ValueError) as error:
            raise _invalid_cursor() from error
        return position

    def _mac(self, content: str, scope: str) -> bytes:
        return hmac.digest(self._key, f"{scope}\n{content}".encode(), "sha256")[:_MAC_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _invalid_cursor() -> Problem:
    return problem("invalid-cursor")
