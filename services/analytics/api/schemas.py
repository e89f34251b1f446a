"""Request and response models of analytics' HTTP API."""

import re
from dataclasses import asdict
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.analytics.domain import UsageReport

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY: Final = date(2020, 1, 1)
_LAST_DAY: Final = date(2099, 12, 31)


def _iso_day(value: object) -> object:
    """Not a number, which pydantic would take for seconds."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_iso_day), Field(ge=_FIRST_DAY, le=_LAST_DAY)]


class UsageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    from_: Day | None = Field(default=None, alias="from", description="left out: 30 days in all")
    to: Day | None = Field(default=None, description="included; left out: today")
    tz: str = Field(
        default="UTC",
        pattern=r"^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}$",
        description="IANA name of the zone whose days are meant, such as Asia/Seoul",
    )


class UsageTotalsView(BaseModel):
    """Settled model calls. `estimated_invocations` of them were cut off, and their tokens are an estimate."""

    invocations: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_nano_usd: int
    estimated_invocations: int


class UsageOfDayView(UsageTotalsView):
    date: date
    model: str


class TotalsView(UsageTotalsView):
    open_invocations: int = Field(description="under way, or their end has not arrived yet; in no other number")


class UsageView(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    from_: date = Field(alias="from")
    to: date
    tz: str
    currency: Literal["nano-USD"] = "nano-USD"
    days: list[UsageOfDayView] = Field(description="by day and model; days without use are left out")
    totals: TotalsView

    @classmethod
    def of(cls, usage: UsageReport, first: date, last: date, tz: str) -> "UsageView":
        return cls(
            from_=first,
            to=last,
            tz=tz,
            days=[UsageOfDayView(date=line.day, model=line.model, **asdict(line.totals)) for line in usage.days],
            totals=TotalsView(**asdict(usage.totals), open_invocations=usage.open_invocations),
        )
