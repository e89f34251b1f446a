"""Cursors: a place in a list, opaque and signed, good for one caller and one list only."""

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
from shared.http.problems.details import Problem, problem

CURSOR_PATTERN: Final = r"^[A-Za-z0-9_-]{1,2000}\.[A-Za-z0-9_-]{22}$"
_SHAPE: Final = re.compile(CURSOR_PATTERN)
_MAC_BYTES: Final = 16


class CursorSigner:
    """Signed, not secret: a position must hold nothing that its caller may not know."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = hashlib.sha256(b"colloquy cursor\n" + secret.get_secret_value().encode()).digest()

    def write(self, position: Mapping[str, str], scope: str) -> str:
        content = _encode(json.dumps(dict(position), separators=(",", ":")).encode())
        cursor = f"{content}.{_encode(self._mac(content, scope))}"
        if len(cursor) > CURSOR_MAX:
            raise ValueError("the position is too long for a cursor")
        return cursor

    def read(self, cursor: str, scope: str) -> dict[str, str]:
        """The position. Raises `invalid-cursor` (400) for anything that `write` did not make for this scope."""
        if not _SHAPE.fullmatch(cursor):
            raise _refused()
        content, mac = cursor.split(".")
        if not hmac.compare_digest(_encode(self._mac(content, scope)), mac):
            raise _refused()
        try:
            position: dict[str, str] = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
        except (binascii.Error, ValueError) as error:
            raise _refused() from error
        return position

    def _mac(self, content: str, scope: str) -> bytes:
        return hmac.digest(self._key, f"{scope}\n{content}".encode(), "sha256")[:_MAC_BYTES]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refused() -> Problem:
    return problem("invalid-cursor")
