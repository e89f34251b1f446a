"""Keeps one row per invocation, whatever the order and number of its tellings."""

from typing import Final

from services.analytics.domain import LedgerRow
from services.analytics.tables import LedgerTable, RevisionConflictError
from shared.telemetry.spans import Value, span

_ATTEMPTS: Final = 5


class Ledger:
    def __init__(self, table: LedgerTable) -> None:
        self._table = table

    async def keep(self, told: LedgerRow) -> bool:
        """The highest revision wins; False when this one is not higher than what is known.

        Raises OvertakenError when others write the same invocation all the time: the message comes again.
        """
        names: dict[str, Value] = {
            "colloquy.invocation.id": told.invocation_id,
            "colloquy.invocation.revision": told.revision,
        }
        with span("ledger write", attributes=names):
            return await self._keep(told)

    async def _keep(self, told: LedgerRow) -> bool:
        for attempt in range(_ATTEMPTS):
            known = await self._table.place_of(told.invocation_id)
            if known and known["revision"] >= told.revision:
                return False
            try:
                await self._table.replace(told, known)
            except RevisionConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return True
        raise AssertionError  # the loop returns or raises
