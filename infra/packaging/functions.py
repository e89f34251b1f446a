"""The list of functions. `make build` makes a zip for each; the templates refer to it by `file_name`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Function:
    """`entry`: the module that Lambda or `run.sh` starts. The zip contains what it imports."""

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
    if has_relay:  # one zip for two functions: the relay of the table's stream, and the sweep
        yield Function(service, "relay", f"services.{service}.lambda_relay")


FUNCTIONS: Final = (
    *_of("chat", "turns", "watchdogs"),
    *_of("bots"),
    *_of("ingest", "events", has_relay=False),
    *_of("agents", "events", "calls"),
    *_of("analytics", "events", has_relay=False),
)
SERVICES: Final = tuple(dict.fromkeys(function.service for function in FUNCTIONS))
