"""Accepted findings with their reasons, and a check that each still occurs."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = Path(__file__).with_name("exceptions.toml")


@dataclass(frozen=True, order=True)
class Finding:
    """`resource`: the template's and the resource's name, for example `chat:TurnLog`."""

    check: str
    resource: str
    title: str = ""


class AcceptedFinding(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Annotated[str, Field(pattern=r"^CKV2?_AWS_\d+$")]
    resources: Annotated[tuple[str, ...], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=30)]

    def covers(self, finding: Finding) -> bool:
        return finding.check == self.check and any(fnmatchcase(finding.resource, each) for each in self.resources)


def read(file: Path = FILE) -> list[AcceptedFinding]:
    """Raises ValidationError."""
    return [AcceptedFinding.model_validate(each) for each in tomllib.loads(file.read_text())["exception"]]


def uncovered(findings: Iterable[Finding], exceptions: Sequence[AcceptedFinding]) -> list[Finding]:
    return sorted(each for each in findings if not any(exception.covers(each) for exception in exceptions))


def unused(findings: Sequence[Finding], exceptions: Iterable[AcceptedFinding]) -> list[str]:
    """Exceptions that match no finding any more, one text for each of their patterns."""
    return [
        f"{exception.check} {pattern}"
        for exception in exceptions
        for pattern in exception.resources
        if not any(exception.check == each.check and fnmatchcase(each.resource, pattern) for each in findings)
    ]
