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


class InvalidToken(Exception):  # noqa: N818 - it says what is wrong without a suffix
    """The token does not identify its caller. `reason` is a code for logs and tests, without any part of the token."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class KeysUnavailable(Exception):  # noqa: N818
    """The user pool's keys cannot be fetched now and none are cached, so tokens cannot be verified."""


class DirectoryUnavailable(Exception):  # noqa: N818
    """The user pool cannot be asked for a person's groups now."""
