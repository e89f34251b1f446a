"""Publishes the events of the outbox: at once when a commit notifies it, and by sweeps for rows that were missed.

A row is deleted only after the bus or the dead-letter queue has accepted it, so no event is lost. An event is published
twice when several relays work on one table, or when a relay dies between publishing and deleting.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from shared.aws.errors import AWS_ERRORS, error_code
from shared.backoff import CircuitPause, KeyedBackoff
from shared.clock import Clock, epoch_millis, unless_stopped
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.bus import MAX_ENTRIES, Bus, EntryResult, EntryStatus, Row
from shared.events.outbox.table import OutboxRows
from shared.telemetry import Metrics, Tally

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
SWEEP_EVERY_S: Final = 2.0
MIN_SWEEP_AGE_S: Final = 1.0
_MAX_QUEUED: Final = 2000  # the oldest of more rows wait for a sweep
_MAX_PARALLEL_CALLS: Final = 8
_MAX_PUBLISHED_AT_ONCE: Final = MAX_ENTRIES * (1 + _MAX_PARALLEL_CALLS)


class Relay:
    def __init__(  # noqa: PLR0917 - wired once, in the runtime
        self,
        dynamodb: "DynamoDBClient",
        events: "EventBridgeClient",
        sqs: "SQSClient",
        table: str,
        bus: str,
        dead_letter_queue_url: str,
        clock: Clock,
        *,
        min_sweep_age_s: float = MIN_SWEEP_AGE_S,
        metrics: Metrics | None = None,
    ) -> None:
        """`min_sweep_age_s`: a sweep skips younger rows, which the notified relay is just publishing."""
        self._min_sweep_age = timedelta(seconds=min_sweep_age_s)
        self._tally = Tally(metrics, clock)
        self._rows = OutboxRows(dynamodb, table)
        self._bus = Bus(events, bus)
        self._dead_letters = DeadLetters(sqs, dead_letter_queue_url)
        self._clock = clock
        self._circuit = CircuitPause(clock, base_s=SWEEP_EVERY_S)
        self._backoff = KeyedBackoff(clock)
        self._queued: deque[Row] = deque(maxlen=_MAX_QUEUED)
        self._has_queued = asyncio.Event()

    def notify(self, envelopes: Iterable[Envelope]) -> None:
        """Queue the events that a commit has written, to be published at once. Returns immediately.

        Call it after the commit, in the event loop of `run`. It only saves time: a sweep would find the rows.
        """
        self._queued.extend(Row.from_envelope(envelope) for envelope in envelopes)
        self._has_queued.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set. Events that were queued before are still published if the bus is available."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish_when_notified(stop))
            group.create_task(self._sweep_periodically(stop))

    async def sweep(self) -> int:
        """Publish the rows that are old enough. Returns how many of them could not be published.

        It ends early when the bus is unavailable. Raises what DynamoDB's client raises.
        """
        left = backlog = 0
        for shard in random.sample(range(outbox.SHARDS), outbox.SHARDS):  # parallel relays rarely meet
            async for page in self._rows.pages(shard):
                self._measure_age(page[0])
                due = [row for row in page if self._is_due(row)]
                backlog += len(due)
                left += await self.publish(due)
                if self._circuit.pause_s():
                    break
            if self._circuit.pause_s():
                break
        self._tally.record_max("OutboxBacklog", backlog, "Count")
        self._tally.flush()
        return left

    async def publish(self, rows: Sequence[Row]) -> int:
        """Publish `rows` and delete them. Returns how many rows are left.

        The first ten go in one call, so that an outage costs one call; the others in up to 8 parallel calls. Raises
        what DynamoDB's client raises; rows that were published but not deleted are published again by a sweep.
        """
        published = 0
        for wave in _waves(rows):
            results = [each for batch in await asyncio.gather(*map(self._bus.put, wave)) for each in batch]
            done = [row for row, result in results if await self._settle(row, result)]
            await self._rows.delete(done)
            published += len(done)
            if any(result.status is EntryStatus.BUS_UNAVAILABLE for _, result in results):
                self._circuit.record_failure()
                break
            self._circuit.record_success()
        return len(rows) - published

    async def try_publish(self, rows: Sequence[Row]) -> None:
        """As `publish`, but leaves the rows to a sweep when the bus is unavailable or DynamoDB fails."""
        if self._circuit.pause_s():
            return
        try:
            await self.publish(rows)
        except AWS_ERRORS as error:  # published but not deleted: a sweep publishes them again
            _log.warning("outbox.delete_failed", error=error_code(error))

    async def try_sweep(self) -> None:
        """As `sweep`, but logs an error of the table and pauses longer before the next sweep."""
        try:
            await self.sweep()
        except AWS_ERRORS as error:
            _log.warning("outbox.sweep_failed", error=error_code(error))
            self._circuit.record_failure()

    def flush_metrics(self) -> None:
        """Write the metrics now, for a host that may not call again soon."""
        self._tally.flush(now=True)

    async def _publish_when_notified(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless_stopped(stop, self._has_queued.wait())
            self._has_queued.clear()
            await self._publish_queued()
        await self._publish_queued()
        self.flush_metrics()

    async def _publish_queued(self) -> None:
        while self._queued:
            await self.try_publish(
                [self._queued.popleft() for _ in range(min(_MAX_PUBLISHED_AT_ONCE, len(self._queued)))]
            )

    async def _sweep_periodically(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.try_sweep()
            await unless_stopped(stop, self._clock.sleep(max(SWEEP_EVERY_S, self._circuit.pause_s())))

    async def _settle(self, row: Row, result: EntryResult) -> bool:
        """Whether the row may be deleted."""
        if result.status is EntryStatus.REFUSED:
            return await self._dead_letter(row, result.reason)
        if result.status is EntryStatus.PUBLISHED:
            self._tally.count("EventsPublished")
            self._backoff.clear(row.event_id)
            return True
        if result.status is EntryStatus.FAILED:
            self._backoff.record_failure(row.event_id)
        _log.warning("event.publish_failed", event_id=row.event_id, error=result.reason)
        return False

    async def _dead_letter(self, row: Row, reason: str) -> bool:
        self._tally.count("EventsRefused")
        if not await self._dead_letters.try_add(
            row.envelope_json or "{}", reason=f"{row.event_id}: {reason}", origin="bus"
        ):
            self._backoff.record_failure(row.event_id)
            return False
        self._backoff.clear(row.event_id)
        return True

    def _measure_age(self, oldest: Row) -> None:
        if oldest.header:
            age = epoch_millis(self._clock.now()) - epoch_millis(oldest.header.time)
            self._tally.record_max("OutboxAge", max(0, age))

    def _is_due(self, row: Row) -> bool:
        header = row.header
        fresh = header is not None and timedelta() <= self._clock.now() - header.time < self._min_sweep_age
        return not fresh and self._backoff.is_due(row.event_id)


def _waves(rows: Sequence[Row]) -> Iterator[list[Sequence[Row]]]:
    """Batches for one call each: first one batch, then up to 8 at a time."""
    batches = [rows[start : start + MAX_ENTRIES] for start in range(0, len(rows), MAX_ENTRIES)]
    if batches:
        yield batches[:1]
    for start in range(1, len(batches), _MAX_PARALLEL_CALLS):
        yield batches[start : start + _MAX_PARALLEL_CALLS]
