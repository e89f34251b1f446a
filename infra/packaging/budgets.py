"""Budgets of size and imported modules for each function. A test checks every package against them."""

from dataclasses import dataclass
from typing import Final

from infra.packaging.functions import Function


@dataclass(frozen=True)
class Budget:
    """`zip_mb` in 10⁶ bytes; `modules`: how many modules a cold start imports, about 0.8 ms each.

    It limits the number and not the time, because the number is the same on a busy machine.
    """

    zip_mb: float
    modules: int


# A third of the zip is the package `cryptography`, which verifies tokens.
_CHAT: Final = Budget(zip_mb=22, modules=690)
_HTTP: Final = Budget(zip_mb=22, modules=580)
_QUEUES: Final = Budget(zip_mb=16, modules=510)
_RELAY: Final = Budget(zip_mb=16, modules=410)


def budget_of(function: Function) -> Budget:
    if function.name == "relay":
        return _RELAY
    if function.service == "chat":
        return _CHAT
    return _HTTP if function.is_http else _QUEUES
