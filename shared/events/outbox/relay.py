"""Tells the bus what the outbox holds: at once when a commit rings, and by a sweep for what nobody rang for.

A row is deleted only after the bus has taken it (or the dead letters have), so nothing is lost; several relays on one
table, or a crash between the two, tell an event twice.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from shared.backoff import AWS_ERRORS, CircuitPause, KeyedBackoff, error_code
from shared.clock import Clock, epoch_millis
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.bus import MAX_ENTRIES, Bus, EntryResult, EntryStatus, Row
from shared.events.outbox.table import OutboxRows
from shared.telemetry import Metrics, Tally
from shared.unless_stopped import unless_stopped

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
SWEEP_EVERY_S: Final = 2.0
FRESH_S: Final = 1.0
_MOST_RUNG: Final = 2000  # more than that waits for the sweep
_CALLS_ABREAST: Final = 8
_MOST_AT_ONCE: Final = MAX_ENTRIES * (1 + _CALLS_ABREAST)


class Relay:
    def __init__(  # noqa: PLR0917 - wired once, in each service's bootstrap
        self,
        dynamodb: "DynamoDBClient",
        events: "EventBridgeClient",
        sqs: "SQSClient",
        table: str,
        bus: str,
        dead_letter_queue_url: str,
        clock: Clock,
        *,
        fresh_s: float = FRESH_S,
        metrics: Metrics | None = None,
    ) -> None:
        """`fresh_s`: a sweep leaves younger rows alone, for somebody is just telling them."""
        self._fresh = timedelta(seconds=fresh_s)
        self._tally = Tally(metrics, clock)
        self._rows = OutboxRows(dynamodb, table)
        self._bus = Bus(events, bus)
        self._dead_letters = DeadLetters(sqs, dead_letter_queue_url)
        self._clock = clock
        self._pace = CircuitPause(clock, base_s=SWEEP_EVERY_S)
        self._patience = KeyedBackoff(clock)
        self._rung: deque[Row] = deque(maxlen=_MOST_RUNG)
        self._bell = asyncio.Event()

    def ring(self, envelopes: Iterable[Envelope]) -> None:
        """Call after the commit with the events that it wrote. Returns at once; the rows are the truth, this is speed.

        In the event loop of `run` only.
        """
        self._rung.extend(Row.of(envelope) for envelope in envelopes)
        self._bell.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set; what was rung before is still told when the bus is well."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer_bell(stop))
            group.create_task(self._sweep_regularly(stop))

    async def sweep(self) -> int:
        """Tell what has waited long enough. Returns how many of those rows could not be told.

        Ends early when the bus answers nobody. Raises what DynamoDB's client raises.
        """
        left = backlog = 0
        for shard in random.sample(range(outbox.SHARDS), outbox.SHARDS):  # relays side by side meet less
            async for page in self._rows.pages(shard):
                self._measure(page[0])
                due = [row for row in page if self._is_due(row)]
                backlog += len(due)
                left += await self.tell(due)
                if self._pace.pause_s():
                    break
            if self._pace.pause_s():
                break
        self._tally.highest("OutboxBacklog", backlog, "Count")
        self._tally.tell()
        return left

    async def tell(self, rows: Sequence[Row]) -> int:
        """Publish these and delete their rows. Returns how many rows stay.

        The first ten go alone, so that an outage costs one call; then several calls abreast. Raises what DynamoDB's
        client raises: told, not deleted, is told again.
        """
        told = 0
        for wave in _waves(rows):
            verdicts = [each for batch in await asyncio.gather(*map(self._bus.put, wave)) for each in batch]
            done = [row for row, verdict in verdicts if await self._is_done(row, verdict)]
            await self._rows.delete(done)
            told += len(done)
            if any(verdict.fate is EntryStatus.UNREACHED for _, verdict in verdicts):
                self._pace.trouble()
                break
            self._pace.well()
        return len(rows) - told

    async def tell_new(self, rows: Sequence[Row]) -> None:
        """As `tell`, for what somebody has just written. Whatever fails, or finds the bus away, is left to a sweep."""
        if self._pace.pause_s():
            return
        try:
            await self.tell(rows)
        except AWS_ERRORS as error:  # told, not deleted: a sweep tells them again
            _log.warning("outbox rows not deleted", error=error_code(error))

    async def try_sweep(self) -> None:
        """As `sweep`; a table that does not answer is logged, and swept more slowly."""
        try:
            await self.sweep()
        except AWS_ERRORS as error:
            _log.warning("outbox not swept", error=error_code(error))
            self._pace.trouble()

    def count_out(self) -> None:
        """Write the metrics now: nobody may come by again soon."""
        self._tally.tell(now=True)

    async def _answer_bell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless_stopped(stop, self._bell.wait())
            self._bell.clear()
            await self._tell_rung()
        await self._tell_rung()
        self.count_out()

    async def _tell_rung(self) -> None:
        while self._rung:
            await self.tell_new([self._rung.popleft() for _ in range(min(_MOST_AT_ONCE, len(self._rung)))])

    async def _sweep_regularly(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.try_sweep()
            await unless_stopped(stop, self._clock.sleep(max(SWEEP_EVERY_S, self._pace.pause_s())))

    async def _is_done(self, row: Row, verdict: EntryResult) -> bool:
        """Whether the row may go."""
        if verdict.fate is EntryStatus.REFUSED:
            return await self._bury(row, verdict.reason)
        if verdict.fate is EntryStatus.PUBLISHED:
            self._tally.count("EventsPublished")
            self._patience.settled(row.event_id)
            return True
        if verdict.fate is EntryStatus.FAILED:
            self._patience.failed(row.event_id)
        _log.warning("event not published", event_id=row.event_id, error=verdict.reason)
        return False

    async def _bury(self, row: Row, reason: str) -> bool:
        self._tally.count("EventsRefused")
        if not await self._dead_letters.took(row.told or "{}", reason=f"{row.event_id}: {reason}", origin="bus"):
            self._patience.failed(row.event_id)
            return False
        self._patience.settled(row.event_id)
        return True

    def _measure(self, oldest: Row) -> None:
        if oldest.address:
            age = epoch_millis(self._clock.now()) - epoch_millis(oldest.address.time)
            self._tally.highest("OutboxAge", max(0, age))

    def _is_due(self, row: Row) -> bool:
        address = row.address
        fresh = address is not None and timedelta() <= self._clock.now() - address.time < self._fresh
        return not fresh and self._patience.is_due(row.event_id)


def _waves(rows: Sequence[Row]) -> Iterator[list[Sequence[Row]]]:
    """Calls' worths of rows: one, then several at a time."""
    batches = [rows[start : start + MAX_ENTRIES] for start in range(0, len(rows), MAX_ENTRIES)]
    if batches:
        yield batches[:1]
    for start in range(1, len(batches), _CALLS_ABREAST):
        yield batches[start : start + _CALLS_ABREAST]
