"""One process of the local system, and the file from which it is started."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    directory: str

    def write(self, folder: Path) -> Path:
        """Writes the start file, readable by its owner only: the environment may hold secrets."""
        file = folder / f"{self.name}.json"
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened)
        return file
