"""Identity: verified callers, and how their tokens are verified (modules `tokens` and `internal_tokens`).

Only these two modules import PyJWT; what `shared.http` needs does not.
"""

from shared.identity.errors import DirectoryUnavailable, InvalidToken, KeysUnavailable
from shared.identity.principal import (
    CREATING_BOT_ALLOWED,
    GroupDirectory,
    Principal,
    Verifier,
)

__all__ = [
    "CREATING_BOT_ALLOWED",
    "DirectoryUnavailable",
    "GroupDirectory",
    "InvalidToken",
    "KeysUnavailable",
    "Principal",
    "Verifier",
]
