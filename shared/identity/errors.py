"""Why a caller could not be identified."""

from typing import Literal

Reason = Literal[
    "malformed",
    "too-long",
    "wrong-algorithm",
    "unknown-key",
    "bad-signature",
    "wrong-issuer",
    "wrong-audience",
    "wrong-kind",
    "expired",
    "not-yet-valid",
    "missing-claim",
]


class InvalidToken(Exception):  # noqa: N818 - the name says what is wrong, and callers read it so
    """The token proves nothing. `reason` is a code for logs and tests; it never holds a part of the token."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class KeysUnavailable(Exception):  # noqa: N818
    """The user pool's keys cannot be had now, and none are cached: neither yes nor no."""


class DirectoryUnavailable(Exception):  # noqa: N818
    """The user pool does not answer for a person's groups now."""
