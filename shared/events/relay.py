"""Tells the bus what the outbox holds: at once when a commit rings, and by a sweep for what nobody rang for.

A row is deleted only after the bus has taken it (or the dead letters have), so nothing is lost; several relays on one
table, or a crash between the two, tell an event twice.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from shared.clock import Clock
from shared.events import outbox
from shared.events.backoff import AWS_ERRORS, Pace, Patience, error_code
from shared.events.bus import MAX_ENTRIES, Bus, Fate, Row, Verdict
from shared.events.dead_letters import DeadLetters
from shared.events.envelope import Envelope
from shared.events.outbox_rows import OutboxRows
from shared.events.waiting import unless

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
SWEEP_EVERY_S: Final = 2.0
_FRESH: Final = timedelta(seconds=1)  # somebody is just telling these
_MOST_RUNG: Final = 2000  # more than that waits for the sweep


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
    ) -> None:
        self._rows = OutboxRows(dynamodb, table)
        self._bus = Bus(events, bus)
        self._dead_letters = DeadLetters(sqs, dead_letter_queue_url)
        self._clock = clock
        self._pace = Pace(clock, base_s=SWEEP_EVERY_S)
        self._patience = Patience(clock)
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
        """Tell what has waited longer than a second. Returns how many of those rows could not be told.

        Ends early when the bus answers nobody. Raises what DynamoDB's client raises.
        """
        left = 0
        for shard in random.sample(range(outbox.SHARDS), outbox.SHARDS):  # relays side by side meet less
            async for page in self._rows.pages(shard):
                left += await self._tell([row for row in page if self._is_due(row)])
                if self._pace.pause_s():
                    return left
        return left

    async def _answer_bell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, self._bell.wait())
            self._bell.clear()
            await self._tell_rung()
        await self._tell_rung()

    async def _tell_rung(self) -> None:
        while self._rung:
            rows = [self._rung.popleft() for _ in range(min(MAX_ENTRIES, len(self._rung)))]
            if self._pace.pause_s():
                continue  # the bus is away: a sweep comes for them
            try:
                await self._tell(rows)
            except AWS_ERRORS as error:  # told, not deleted: a sweep tells them again
                _log.warning("outbox rows not deleted", error=error_code(error))

    async def _sweep_regularly(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.sweep()
            except AWS_ERRORS as error:
                _log.warning("outbox not swept", error=error_code(error))
                self._pace.trouble()
            await unless(stop, self._clock.sleep(max(SWEEP_EVERY_S, self._pace.pause_s())))

    async def _tell(self, rows: Sequence[Row]) -> int:
        """How many of the rows stay. A call's worth at a time, so that an outage costs one call."""
        left = 0
        for start in range(0, len(rows), MAX_ENTRIES):
            batch = rows[start : start + MAX_ENTRIES]
            verdicts = await self._bus.put(batch)
            done = [row for row, verdict in verdicts if await self._is_done(row, verdict)]
            if done:
                await self._rows.delete(done)
            left += len(batch) - len(done)
            if any(verdict.fate is Fate.UNREACHED for _, verdict in verdicts):
                self._pace.trouble()
                return left + len(rows) - start - len(batch)
            self._pace.well()
        return left

    async def _is_done(self, row: Row, verdict: Verdict) -> bool:
        """Whether the row may go."""
        if verdict.fate is Fate.REFUSED:
            return await self._bury(row, verdict.reason)
        if verdict.fate is Fate.PUBLISHED:
            self._patience.settled(row.event_id)
            return True
        if verdict.fate is Fate.FAILED:
            self._patience.failed(row.event_id)
        _log.warning("event not published", event_id=row.event_id, error=verdict.reason)
        return False

    async def _bury(self, row: Row, reason: str) -> bool:
        try:
            await self._dead_letters.add(row.told or "{}", reason=f"{row.event_id}: {reason}", origin="bus")
        except AWS_ERRORS as error:
            _log.warning("event not dead-lettered", event_id=row.event_id, error=error_code(error))
            self._patience.failed(row.event_id)
            return False
        self._patience.settled(row.event_id)
        return True

    def _is_due(self, row: Row) -> bool:
        address = row.address()
        fresh = address is not None and timedelta() <= self._clock.now() - address.time < _FRESH
        return not fresh and self._patience.is_due(row.event_id)
