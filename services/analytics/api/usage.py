"""Route: the caller's own usage."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.analytics.api.schemas import UsageQuery, UsageView
from services.analytics.calendar import Days, UnknownZoneError, find_zone
from services.analytics.domain import Payer
from services.analytics.usage import INVOCATIONS_PER_REPORT, TooMuchToReadError, UsageReports
from shared.clock import Clock
from shared.http import Reply, Request, route, signed_in
from shared.problems import FieldError, Problem, problem

_DAYS_BY_DEFAULT: Final = 30
_DAYS_AT_MOST: Final = 366


@dataclass(frozen=True)
class AnalyticsContext:
    """The context of the routes: the use cases and the clock."""

    reports: UsageReports
    clock: Clock


@route(
    "GET", "/api/analytics/usage/me", summary="The caller's tokens and cost by day and model", rule=signed_in,
    query=UsageQuery, returns={200: UsageView},
)  # fmt: skip
async def read_my_usage(request: Request[None, UsageQuery, AnalyticsContext]) -> Reply:
    days = _days(request.query, request.context.clock)
    payer = Payer(request.principal.kind, request.principal.subject)
    try:
        usage = await request.context.reports.report(payer, days)
    except TooMuchToReadError:
        raise _invalid_parameter(
            "from", f"More than {INVOCATIONS_PER_REPORT} model calls; ask for fewer days."
        ) from None
    return Reply(body=UsageView.of(usage, days.first, days.last, request.query.tz))


def _days(query: UsageQuery, clock: Clock) -> Days:
    try:
        zone = find_zone(query.tz)
    except UnknownZoneError:
        raise _invalid_parameter("tz", "No time zone of this name is known.") from None
    last = query.to or clock.now().astimezone(zone).date()
    first = query.from_ or last - timedelta(days=_DAYS_BY_DEFAULT - 1)
    if first > last:
        raise _invalid_parameter("from", "It must not be after `to`.")
    if (last - first).days >= _DAYS_AT_MOST:
        raise _invalid_parameter("from", f"At most {_DAYS_AT_MOST} days at once.")
    return Days(first, last, zone)


def _invalid_parameter(parameter: str, detail: str) -> Problem:
    return problem("invalid-request", errors=[FieldError(pointer=f"?{parameter}", detail=detail)])
