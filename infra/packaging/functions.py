"""Which functions there are. A zip is made for each; templates name it by `file_name`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Function:
    """`entry` is the module that Lambda, or `run.sh`, starts: all else in the zip follows from what it imports."""

    service: str
    name: str
    entry: str
    is_http: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.service}-{self.name}"

    @property
    def file_name(self) -> str:
        return f"{self.full_name}.zip"


def _of(service: str, *consumers: str, has_relay: bool = True) -> Iterator[Function]:
    yield Function(service, "http", f"services.{service}.__main__", is_http=True)
    for name in consumers:
        yield Function(service, name, f"services.{service}.lambda_handlers")
    if has_relay:  # rung by the table's stream and swept by a schedule: two functions of one zip
        yield Function(service, "relay", f"services.{service}.lambda_relay")


FUNCTIONS: Final = (
    *_of("chat", "turns", "watchdogs"),
    *_of("bots"),
    *_of("ingest", "events", has_relay=False),
    *_of("agents", "events", "calls"),
    *_of("analytics", "events", has_relay=False),
)
SERVICES: Final = tuple(dict.fromkeys(function.service for function in FUNCTIONS))
