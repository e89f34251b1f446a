"""Reads the codes that AWS would send by e-mail. The embedded AWS writes them to a file, and `make up` prints them."""

import json
from pathlib import Path


class EmailCodes:
    """Reads the lines that are appended to the file after this object was created."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._read = outbox.stat().st_size if outbox.exists() else 0

    def new(self) -> list[str]:
        """One sentence for each code since the last call."""
        if not self._outbox.exists():
            return []
        with self._outbox.open("rb") as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        return [_sentence(json.loads(line)) for line in whole.splitlines() if line]


def _sentence(sent: dict[str, str]) -> str:
    return f"  e-mail to {sent['to']}: the code for {sent['purpose']} is {sent['code']}"
