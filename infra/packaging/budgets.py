"""What a function may weigh: who adds a dependency sees here what it costs. A test holds every package to it."""

from dataclasses import dataclass
from typing import Final

from infra.packaging.functions import Function


@dataclass(frozen=True)
class Budget:
    """`zip_mb` in 10⁶ bytes; `times_base`: import time as a multiple of that of `import_cost.BASE`."""

    zip_mb: float
    times_base: float


_WITH_SIGNATURES: Final = Budget(zip_mb=22, times_base=3)  # a third of it is cryptography, which checks people's tokens
_LEAN: Final = Budget(zip_mb=16, times_base=2.5)


def budget_of(function: Function) -> Budget:
    checks_tokens = function.is_http or function.full_name in {"chat-turns", "agents-events", "agents-calls"}
    return _WITH_SIGNATURES if checks_tokens else _LEAN
