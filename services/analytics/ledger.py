"""The usage ledger: one row per invocation, however often and in whichever order its revisions arrive."""

from typing import Final

from services.analytics.domain import LedgerRow
from services.analytics.tables import LedgerTable, RevisionConflictError
from shared.telemetry.spans import Value, span

_ATTEMPTS: Final = 5


class Ledger:
    def __init__(self, table: LedgerTable) -> None:
        self._table = table

    async def record(self, row: LedgerRow) -> bool:
        """Write the row unless a revision as high is stored already; then it returns False.

        Raises RevisionConflictError after five attempts that met another revision: the message is delivered again.
        """
        attributes: dict[str, Value] = {
            "colloquy.invocation.id": row.invocation_id,
            "colloquy.invocation.revision": row.revision,
        }
        with span("ledger write", attributes=attributes):
            return await self._record(row)

    async def _record(self, row: LedgerRow) -> bool:
        for attempt in range(_ATTEMPTS):
            previous = await self._table.find_pointer(row.invocation_id)
            if previous and previous.revision >= row.revision:
                return False
            try:
                await self._table.replace(row, previous)
            except RevisionConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return True
        raise AssertionError  # the loop returns or raises
