"""Inputs and outputs of persistence: pages, idempotent requests, version conditions.

The HTTP layer imports this module, so it imports no AWS client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.problems import problem

T = TypeVar("T")

Position = Mapping[str, str]
"""Where a page ends: the key attributes of its last item, without the partition key."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `limit` items after `position`; None is the start of the list."""

    limit: int
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next_position` is None on the last page."""

    items: list[T]
    next_position: Position | None = None


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that must have its effect once. `subject`: its sender. `body_hash`: SHA-256 (hex) of its body."""

    subject: str
    operation: str
    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class VersionCondition:
    """Optimistic concurrency: the versions to which a change may be applied; `any_version`: to whatever is current."""

    versions: frozenset[str] = frozenset()
    any_version: bool = False

    def require(self, version: int | str) -> None:
        """Raises `precondition-failed` unless `version`, the current one, is among these."""
        if not self.any_version and str(version) not in self.versions:
            raise problem("precondition-failed", current_version=version)
