"""Principals: verified callers, and the protocols of what verifies them."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

CREATING_BOT_ALLOWED: Final = "CreatingBotAllowed"

Kind = Literal["user", "machine", "service"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller.

    `subject` is the person (`sub` of the user pool) or the API key's id. For `kind="service"` it is the person on
    whose behalf the service `via` calls. `groups` are as old as the token. `email` is set only if it is verified.
    """

    subject: str
    kind: Kind
    groups: frozenset[str] = frozenset()
    email: str | None = None
    via: str | None = None


class Verifier(Protocol):
    async def verify(self, token: str) -> Principal:
        """The token's principal. Raises InvalidToken, or KeysUnavailable when it cannot be verified now."""
        ...


class GroupDirectory(Protocol):
    async def groups_of(self, subject: str) -> frozenset[str]:
        """The person's groups now, at most a minute old. Raises DirectoryUnavailable."""
        ...
