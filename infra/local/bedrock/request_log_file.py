"""The request log on disk: a JSON line when a request starts, another when it ends. The last line of an id counts."""

import json
from pathlib import Path
from typing import Any


class RequestLogFile:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+", encoding="utf-8")

    def read(self) -> list[dict[str, Any]]:
        """Entries of earlier processes in the order of their last change. An incomplete last line is skipped."""
        self._file.seek(0)
        found: dict[str, dict[str, Any]] = {}
        for line in self._file:
            if line.endswith("\n"):
                entry = json.loads(line)
                found.pop(entry["request_id"], None)
                found[entry["request_id"]] = entry
        return [*found.values()]

    def append(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    def replace(self, entries: list[dict[str, Any]]) -> None:
        self._file.truncate(0)
        for entry in entries:
            self.append(entry)

    def close(self) -> None:
        self._file.close()
