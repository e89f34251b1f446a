"""The result of each mutant, from the exit codes that mutmut keeps beside every file (`*.meta`)."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

AIM: Final = 0.8
_FAILED, _ERROR = 1, 3
_PASSED: Final = 0
_NO_TESTS: Final = (5, 33)
# Killed by the signal of a timer or of a CPU time limit: endless loops, which every test run would reveal.
_TIMEOUTS: Final = (24, 36, 152, -24)
_SKIPPED: Final = (34,)


def classify(code: int | None) -> str:
    """killed, survived, no tests, timeout, skipped, or not tested yet. A crash of the interpreter counts as killed."""
    if code is None:
        return "not tested"
    for name, codes in (
        ("survived", (_PASSED,)),
        ("no tests", _NO_TESTS),
        ("timeout", _TIMEOUTS),
        ("skipped", _SKIPPED),
        ("killed", (_FAILED, _ERROR)),
    ):
        if code in codes:
            return name
    return "killed" if code < 0 else f"exit code {code}"


@dataclass(frozen=True)
class MutantResults:
    by_mutant: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "MutantResults":
        found: dict[str, str] = {}
        for meta in sorted((folder / "mutants").rglob("*.meta")):
            codes = json.loads(meta.read_text())["exit_code_by_key"]
            found |= {mutant: classify(code) for mutant, code in codes.items()}
        return cls(found)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.by_mutant.values())

    @property
    def share_killed(self) -> float:
        """Share of all mutants; one that no test reaches has survived."""
        counted = self.counts.total() - self.counts["skipped"]
        return (self.counts["killed"] + self.counts["timeout"]) / counted if counted else 0.0

    def survivors(self) -> list[str]:
        return [name for name, verdict in self.by_mutant.items() if verdict in {"survived", "no tests"}]
