"""Output and questions at the terminal."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from infra.deploy.change_sets import Change, ChangeSet

_HOLDS_DATA: Final = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::Cognito::UserPool",
    "AWS::OpenSearchServerless::Collection",
)
_SIGNS: Final = {"Add": "+", "Modify": "~", "Remove": "-", "Import": "+", "Dynamic": "?"}


@dataclass
class Terminal:
    """`yes`: show the changes and do not ask."""

    yes: bool = False
    say: Callable[[str], None] = lambda line: print(line, flush=True)  # noqa: T201 - it is the terminal
    ask: Callable[[str], str] = input
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        self.say(f"== {title}")
        yield
        self.say(f"== {title}: {time.monotonic() - began:.0f} s")

    def approve(self, change_sets: Sequence[ChangeSet]) -> bool:
        for each in change_sets:
            self.say(f"{'new stack' if each.is_new else 'changes of'} {each.stack.name}:")
            for change in each.changes:
                self.say(_line(change))
        return self.confirm("Make these changes?")

    def confirm(self, question: str) -> bool:
        return self.yes or self.ask(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    def confirm_by_typing(self, question: str, word: str) -> bool:
        """Confirm a dangerous step: the person must type `word`, also with YES=1."""
        return self.ask(f"{question} Type {word!r}: ").strip() == word

    def show_event(self, stack: str, event: Mapping[str, Any]) -> None:
        """Print a CloudFormation event, unless it only says that an operation is in progress."""
        status = event["ResourceStatus"]
        if status.endswith("_IN_PROGRESS"):
            return
        seconds = time.monotonic() - self._began
        why = f": {event['ResourceStatusReason']}" if status.endswith("FAILED") else ""
        self.say(f"{seconds:5.0f} s  {stack}  {event['LogicalResourceId']}  {status}{why}")


def _line(change: Change) -> str:
    replaced = {"True": "  is replaced", "Conditional": "  may be replaced"}.get(change.replacement, "")
    at_risk = change.kind in _HOLDS_DATA and (change.action == "Remove" or replaced)
    warning = "  ! holds data: the existing resource is kept" if at_risk else ""
    return f"  {_SIGNS.get(change.action, '?')} {change.name:40} {change.kind}{replaced}{warning}"
