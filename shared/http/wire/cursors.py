"""Cursors: an opaque, signed position in a list, valid for one caller and one list only."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from shared.http.app.limits import CURSOR_MAX
from shared.problems import problem

# Also that of earlier releases, whose signatures had 22 characters: their cursors get the problem of a cursor.
CURSOR_PATTERN: Final = r"^\.?[A-Za-z0-9_-]{1,2000}\.[A-Za-z0-9_-]{22,64}$"


class CursorSigner:
    """Signs positions. They are not encrypted, so they must hold nothing that the caller may not see."""

    def __init__(self, secret: SecretStr) -> None:
        # The 48 bytes of SHA-384 fill their Base64 text, so that no second text stands for the same signature.
        options: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha384}
        self._serializer = URLSafeSerializer(secret.get_secret_value(), signer_kwargs=options)

    def write(self, position: Mapping[str, str], scope: str) -> str:
        """A cursor for this position. `scope`: the caller and the list, which `read` must be given again."""
        cursor: str = self._serializer.dumps(dict(position), salt=f"colloquy cursor\n{scope}")
        if len(cursor) > CURSOR_MAX:
            raise ValueError("the position is too long for a cursor")
        return cursor

    def read(self, cursor: str, scope: str) -> dict[str, str]:
        """The position. Raises `invalid-cursor` (400) for a text that `write` did not return for this scope."""
        try:
            position: dict[str, str] = self._serializer.loads(cursor, salt=f"colloquy cursor\n{scope}")
        except BadData as error:
            raise problem("invalid-cursor") from error
        return position
