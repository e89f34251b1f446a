"""Who is asking, and how we know. The verifiers are in `tokens` and `internal_tokens`.

They import PyJWT; this and what `shared.http` needs of it do not.
"""

from shared.identity.errors import DirectoryUnavailable, InvalidToken, KeysUnavailable
from shared.identity.principal import (
    ADMIN,
    CREATING_BOT_ALLOWED,
    GROUPS,
    PUBLISH_ALLOWED,
    GroupDirectory,
    Principal,
    Verifier,
)

__all__ = [
    "ADMIN",
    "CREATING_BOT_ALLOWED",
    "GROUPS",
    "PUBLISH_ALLOWED",
    "DirectoryUnavailable",
    "GroupDirectory",
    "InvalidToken",
    "KeysUnavailable",
    "Principal",
    "Verifier",
]
