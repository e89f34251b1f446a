"""Usage reports: a payer's tokens and cost by day and model."""

from datetime import date
from typing import Final

from services.analytics.calendar import Days
from services.analytics.domain import Payer, UsageOfDay, UsageReport, UsageTotals
from services.analytics.tables import LedgerTable

INVOCATIONS_PER_REPORT: Final = 50_000


class TooMuchToReadError(Exception):
    """The payer has more invocations in these days than one report reads."""


class UsageReports:
    def __init__(self, table: LedgerTable) -> None:
        self._table = table

    async def report(self, payer: Payer, days: Days) -> UsageReport:
        """The usage by day and model; an invocation counts for the day on which it started.

        Raises TooMuchToReadError above 50 000 invocations.
        """
        by_day_and_model: dict[tuple[date, str], UsageTotals] = {}
        totals, opened, read = UsageTotals(), 0, 0
        async for page in self._table.pages(payer, days.begin, days.end):
            read += len(page)
            if read > INVOCATIONS_PER_REPORT:
                raise TooMuchToReadError
            for usage in page:
                if not usage.settled:
                    opened += 1
                    continue
                by_day_and_model.setdefault((days.day_of(usage.started_at), usage.model), UsageTotals()).add(usage)
                totals.add(usage)
        lines = [
            UsageOfDay(day, model, each) for (day, model), each in sorted(by_day_and_model.items(), key=lambda x: x[0])
        ]
        return UsageReport(lines, totals, opened)
