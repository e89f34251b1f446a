"""Ids: a type prefix and a ULID (`conv_01J…`), made by the server, sortable by creation.

ULID: https://github.com/ulid/spec — 48 bits of milliseconds, 80 bits of randomness, Crockford's base 32.
"""

import os
import re
from typing import Final, Literal, Protocol

from ulid import ULID

from shared.clock import Clock, epoch_millis

Prefix = Literal[
    "conv", "msg", "turn", "inv", "bot", "src", "doc", "sync", "call", "key", "evt", "req", "run"
]  # one place to add a kind of thing

_PATTERN: Final = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_RANDOM_BITS: Final = 80


class Ids(Protocol):
    def new(self, prefix: Prefix) -> str:
        """A fresh id; ids of one process sort in the order in which they were made."""
        ...


class UlidIds:
    """Ids of one process sort in the order in which they were made, also within one millisecond."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def new(self, prefix: Prefix) -> str:
        fresh = (epoch_millis(self._clock.now()) << _RANDOM_BITS) | int.from_bytes(os.urandom(_RANDOM_BITS // 8))
        # Within the same millisecond, and when the wall clock steps back, the specification says: one more.
        self._last = fresh if fresh >> _RANDOM_BITS > self._last >> _RANDOM_BITS else self._last + 1
        return f"{prefix}_{ULID.from_int(self._last)}"


def id_pattern(prefix: Prefix) -> str:
    """The anchored regular expression of ids with this prefix, for schemas and routes."""
    return f"^{prefix}_{_PATTERN}$"


def is_id(prefix: Prefix, text: str) -> bool:
    return re.fullmatch(f"{prefix}_{_PATTERN}", text) is not None
