"""One SQLite file with the whole state. Each commit is a consistent state, also after a kill at any moment.

With WAL and `synchronous=NORMAL` a killed process loses no commit. A power cut may lose the last commits, but does not
damage the file.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ItemKey = tuple[str, str, str]
"""Table id, partition key, sort key."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (service TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
    table_id TEXT, pk TEXT, sk TEXT, body TEXT NOT NULL, PRIMARY KEY (table_id, pk, sk)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Changes:
    """The differences from the last commit. An item that is None was deleted.

    ministack never changes an item in place, so items can be serialised in the writing thread, parallel to requests.
    """

    documents: Mapping[str, str] = field(default_factory=dict)
    emptied_tables: frozenset[str] = frozenset()
    items: Mapping[ItemKey, dict[str, Any] | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.documents or self.emptied_tables or self.items)


class StateStore:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")  # a second process on the same file is refused
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def commit(self, changes: Changes) -> None:
        """Write all changes or none. One call at a time."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._write(changes)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _write(self, changes: Changes) -> None:
        self._db.executemany("REPLACE INTO document VALUES (?, ?)", changes.documents.items())
        self._db.executemany("DELETE FROM item WHERE table_id = ?", [(each,) for each in changes.emptied_tables])
        gone = [key for key, item in changes.items.items() if item is None]
        kept = ((*key, json.dumps(item)) for key, item in changes.items.items() if item is not None)
        self._db.executemany("DELETE FROM item WHERE table_id = ? AND pk = ? AND sk = ?", gone)
        self._db.executemany("REPLACE INTO item VALUES (?, ?, ?, ?)", kept)

    def document(self, service: str) -> str | None:
        row = self._db.execute("SELECT body FROM document WHERE service = ?", (service,)).fetchone()
        return None if row is None else str(row[0])

    def items(self, table_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every item with its partition key and sort key."""
        for pk, sk, body in self._db.execute("SELECT pk, sk, body FROM item WHERE table_id = ?", (table_id,)):
            yield pk, sk, json.loads(body)

    def table_ids(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._db.execute("SELECT DISTINCT table_id FROM item"))

    def close(self) -> None:
        self._db.close()
