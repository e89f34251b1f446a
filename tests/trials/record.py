"""The results of a case so far, saved after each round, so that an interrupted run continues."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

RESULT: Final = "result.json"


@dataclass
class Result:
    """`figures`: for the table, short. `complaints`: every breach of the rule, in a sentence."""

    passed: bool
    figures: Mapping[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    took_s: float = 0.0


class Record:
    """The folder of one case under one seed: `rounds/<n>.json`, `result.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rounds = folder / "rounds"

    def rounds(self) -> dict[int, Any]:
        """The finished rounds, by number."""
        return {int(file.stem): _read(file) for file in sorted(self._rounds.glob("*.json"))}

    def save_round(self, number: int, found: Any) -> None:
        _write(self._rounds / f"{number:04d}.json", found)

    def result(self) -> Result | None:
        file = self.folder / RESULT
        return Result(**_read(file)) if file.exists() else None

    def save_result(self, result: Result) -> None:
        _write(self.folder / RESULT, asdict(result))


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _write(file: Path, content: Any) -> None:
    """Write the file atomically: a killed process leaves the old content."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1), encoding="utf-8")
    os.replace(new, file)  # noqa: PTH105 - equal to Path.replace
