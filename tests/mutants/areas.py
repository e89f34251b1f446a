"""The areas to mutate: code where a bug loses answers, money or security, and its unit tests."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Area:
    """`sources`: patterns of files to mutate. `tests`: files and folders of the unit tests that may kill a mutant."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


_EVENTS: Final = "shared/events"
_CHAT: Final = "services/chat"

AREAS: Final = (
    Area(
        "identity",
        ("shared/identity/*.py",),
        ("tests/unit/shared/identity",),
    ),
    Area(
        "relay",
        (f"{_EVENTS}/outbox/*.py", "shared/host/lambda_relay.py"),
        ("tests/unit/shared/events", "tests/unit/shared/host"),
    ),
    Area(
        "consumers",
        (f"{_EVENTS}/consumer/*.py", f"{_EVENTS}/commands.py", "shared/backoff.py",
         "shared/host/lambda_consumer.py"),
        ("tests/unit/shared/events", "tests/unit/shared/host", "tests/unit/shared/test_backoff.py"),
    ),
    Area(
        "ledger",
        (*(f"services/analytics/{name}.py" for name in (
            "calendar", "consumers", "domain", "ledger", "tables", "usage")),
         f"{_CHAT}/tables/invocations.py", f"{_CHAT}/domain/usage.py", "shared/llm/metering.py"),
        ("tests/unit/services/analytics", "tests/unit/services/chat", "tests/unit/shared/llm"),
    ),
    Area(
        "turns",
        (*(f"{_CHAT}/{folder}/*.py" for folder in ("turns", "context", "context/stages", "leases", "stream")),
         f"{_CHAT}/adapters/turn_queue.py",
         *(f"{_CHAT}/tables/{name}.py" for name in (
            "batched_puts", "contexts", "flush_interval", "tool_rounds", "turn_log", "turns")),
         f"{_CHAT}/domain/turn.py", f"{_CHAT}/domain/next_step.py"),
        ("tests/unit/services/chat",),
    ),
)  # fmt: skip
