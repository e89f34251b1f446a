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
_TIME_BYTES: Final = 6
_RANDOM_BYTES: Final = 10


class Ids(Protocol):
    def new(self, prefix: Prefix) -> str:
        """A fresh id; ids of one process made in different milliseconds sort by time."""
        ...


class UlidIds:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: Prefix) -> str:
        millis = epoch_millis(self._clock.now())
        return f"{prefix}_{ULID(millis.to_bytes(_TIME_BYTES, 'big') + os.urandom(_RANDOM_BYTES))}"


def id_pattern(prefix: Prefix) -> str:
    """The anchored regular expression of ids with this prefix, for schemas and routes."""
    return f"^{prefix}_{_PATTERN}$"


def is_id(prefix: Prefix, text: str) -> bool:
    return re.fullmatch(f"{prefix}_{_PATTERN}", text) is not None
