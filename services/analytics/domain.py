"""The ledger: who asked which model, and what it cost. Tokens are counts, money is whole nano-USD."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel

PrincipalKind = Literal["user", "machine", "service"]


@dataclass(frozen=True, slots=True)
class Payer:
    kind: PrincipalKind
    id: str


class LedgerRow(BaseModel):
    """One model call, as its highest revision tells it. `service` is the one that asked the model."""

    invocation_id: str
    revision: int
    service: str
    turn_id: str | None = None
    conversation_id: str | None = None
    principal_kind: PrincipalKind
    principal_id: str
    bot_id: str | None = None
    model: str
    purpose: str
    state: Literal["opened", "settled"]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_nano_usd: int
    price_version: str
    basis: Literal["reported", "estimated"] | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None

    @property
    def payer(self) -> Payer:
        return Payer(self.principal_kind, self.principal_id)


class Used(NamedTuple):
    """What a report needs of a ledger row; a year has many."""

    started_at: AwareDatetime
    model: str
    settled: bool
    estimated: bool
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_nano_usd: int


@dataclass(slots=True)
class UsageTotals:
    """Sums over settled invocations; `estimated_invocations` are those of them whose tokens nobody reported."""

    invocations: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_nano_usd: int = 0
    estimated_invocations: int = 0

    def add(self, used: Used) -> None:
        self.invocations += 1
        self.input_tokens += used.input_tokens
        self.output_tokens += used.output_tokens
        self.cache_read_tokens += used.cache_read_tokens
        self.cache_write_tokens += used.cache_write_tokens
        self.cost_nano_usd += used.cost_nano_usd
        self.estimated_invocations += used.estimated


@dataclass(frozen=True, slots=True)
class UsageOfDay:
    """What one model was used on one day of the reader's calendar."""

    day: date
    model: str
    tally: UsageTotals


@dataclass(frozen=True, slots=True)
class UsageReport:
    """By day and model, in that order. `open_invocations` are under way, or their end has not arrived yet."""

    days: Sequence[UsageOfDay]
    totals: UsageTotals
    open_invocations: int
