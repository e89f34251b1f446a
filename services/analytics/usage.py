"""What somebody has used, added up by day and model."""

from datetime import date
from typing import Final

from services.analytics.calendar import Days
from services.analytics.domain import Payer, UsageOfDay, UsageReport, UsageTotals
from services.analytics.tables import LedgerTable

INVOCATIONS_PER_REPORT: Final = 50_000


class TooMuchToReadError(Exception):
    """More invocations in these days than one report reads."""


class UsageReports:
    def __init__(self, table: LedgerTable) -> None:
        self._table = table

    async def of(self, payer: Payer, days: Days) -> UsageReport:
        """By the days on which the invocations started. Raises TooMuchToReadError above 50 000 invocations."""
        tallies: dict[tuple[date, str], UsageTotals] = {}
        totals, opened, read = UsageTotals(), 0, 0
        async for page in self._table.pages(payer, days.begin, days.end):
            read += len(page)
            if read > INVOCATIONS_PER_REPORT:
                raise TooMuchToReadError
            for used in page:
                if not used.settled:
                    opened += 1
                    continue
                tallies.setdefault((days.day_of(used.started_at), used.model), UsageTotals()).add(used)
                totals.add(used)
        lines = [UsageOfDay(day, model, tally) for (day, model), tally in sorted(tallies.items(), key=lambda x: x[0])]
        return UsageReport(lines, totals, opened)
