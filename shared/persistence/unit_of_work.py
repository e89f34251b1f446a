"""Unit of work: writes to a service's tables and the events about them, committed together or not at all."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Self

from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.persistence.transactions import Write, transact

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Notify = Callable[[Sequence[Envelope]], None]
"""Notifies the relay of events that were just committed, so that it publishes them before its next sweep."""

_OUTBOX: Final = "outbox "  # prefix of the names of outbox rows; with a space, so that callers' names differ


class UnitOfWork:
    """Collect named writes with `put` and events with `emit`, then `commit`.

    The same writes and events have the same request token, so committing them again after a lost response is safe.
    `replace` and `without` return another unit of work, with another token, and leave this one as it is.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, notify: Notify) -> None:
        """`table`: the service's main table; outbox rows are written there."""
        self._dynamodb = dynamodb
        self._table = table
        self._notify = notify
        self._writes: dict[str, Write] = {}
        self._events: list[Envelope] = []
        self._token: str | None = None

    def put(self, name: str, write: Write) -> None:
        """Add a write. Raises ValueError when the name is taken."""
        if name in self._writes:
            raise ValueError(f"the unit of work has a write {name!r} already")
        self._writes[name] = write
        self._token = None

    def emit(self, *events: Envelope) -> None:
        """Add events; they are published once the commit has succeeded."""
        self._events += events
        self._token = None

    def replace(self, name: str, write: Write) -> Self:
        """The same unit with this write under this name; added when there was none."""
        return self._copy({**self._writes, name: write})

    def without(self, names: Iterable[str]) -> Self:
        """The same unit without these writes. Its events stay."""
        left_out = frozenset(names)
        return self._copy({name: write for name, write in self._writes.items() if name not in left_out})

    async def commit(self) -> None:
        """Write all of it and notify the relay.

        Raises Conflict with the names of the writes whose conditions did not hold, TransactionTooLargeError above 100
        writes (outbox rows included) or 4 MB, EnvelopeTooLargeError, and what the client raises.
        """
        self._token = self._token or secrets.token_hex(16)
        rows = {f"{_OUTBOX}{event.id}": outbox.write(self._table, event) for event in self._events}
        await transact(self._dynamodb, self._writes | rows, self._token)
        if self._events:
            self._notify(self._events)

    def _copy(self, writes: dict[str, Write]) -> Self:
        copy = type(self)(self._dynamodb, self._table, self._notify)
        for name, write in writes.items():
            copy.put(name, write)
        copy.emit(*self._events)
        return copy
