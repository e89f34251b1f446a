"""Types of the usage ledger: who called which model at what cost. Money is an integer of nano-USD."""

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
    """One invocation of a model, as of its highest revision. `service`: the one that called the model."""

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


class InvocationUsage(NamedTuple):
    """The part of a ledger row that reports need; it is small because a report of a year reads many."""

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
    """Sums over settled invocations; `estimated_invocations` are those whose tokens the provider did not report."""

    invocations: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_nano_usd: int = 0
    estimated_invocations: int = 0

    def add(self, usage: InvocationUsage) -> None:
        self.invocations += 1
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self.cache_read_tokens += usage.cache_read_tokens
        self.cache_write_tokens += usage.cache_write_tokens
        self.cost_nano_usd += usage.cost_nano_usd
        self.estimated_invocations += usage.estimated


@dataclass(frozen=True, slots=True)
class UsageOfDay:
    """Usage of one model on one day of the reader's calendar."""

    day: date
    model: str
    totals: UsageTotals


@dataclass(frozen=True, slots=True)
class UsageReport:
    """By day and model, in that order. `open_invocations` are running, or their end is not recorded yet."""

    days: Sequence[UsageOfDay]
    totals: UsageTotals
    open_invocations: int
