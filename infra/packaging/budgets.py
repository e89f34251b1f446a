"""The largest size and import time that each function may have. A test checks every package against it."""

from dataclasses import dataclass
from typing import Final

from infra.packaging.functions import Function


@dataclass(frozen=True)
class Budget:
    """`zip_mb` in 10⁶ bytes; `times_base`: import time as a multiple of that of `import_cost.BASE`."""

    zip_mb: float
    times_base: float


_WITH_SIGNATURES: Final = Budget(zip_mb=22, times_base=3)  # a third of it is cryptography, which checks people's tokens
_CHECKING_TOKENS: Final = {"chat-turns", "chat-watchdogs"}
_LEAN: Final = Budget(zip_mb=16, times_base=2.5)


def budget_of(function: Function) -> Budget:
    return _WITH_SIGNATURES if function.is_http or function.full_name in _CHECKING_TOKENS else _LEAN
