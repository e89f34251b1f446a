"""W3C trace context (https://www.w3.org/TR/trace-context/): one `traceparent` from the browser to the ledger."""

import re
import secrets
from contextvars import ContextVar
from typing import Final

TRACEPARENT: Final[ContextVar[str | None]] = ContextVar("traceparent", default=None)
_PATTERN: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def parse_traceparent(header: str | None) -> tuple[str, str, str] | None:
    """(trace id, parent span id, flags), or None when the header is absent, malformed or not of version 00."""
    found = _PATTERN.fullmatch(header) if header else None
    return (found[1], found[2], found[3]) if found else None


def new_traceparent(parent: str | None = None) -> str:
    """The traceparent of a new span, in the trace of `parent` or in a new trace."""
    parsed = parse_traceparent(parent)
    trace, flags = (parsed[0], parsed[2]) if parsed else (secrets.token_hex(16), "01")
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"


def current_traceparent() -> str | None:
    return TRACEPARENT.get()
