"""Batches the puts of all turns of this process, because the number of requests decides what they cost.

One waiting put is a PutItem; several are one TransactWriteItems with the same conditions. A put that makes a
transaction fail is taken out: if its key is taken, the caller gets the item that is there; if the item is busy, the put
is sent alone. The other puts are sent again at once, so that no turn waits longer than a round trip because of another
one. ADR 8 has the measurements.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from services.chat.tables.flush_interval import StreamingTurns, flush_interval_s
from shared.aws.errors import (
    AWS_ERRORS,
    CONDITION_FAILED,
    TRANSACTION_CONFLICT,
    CancellationReason,
    cancellation_reasons,
    error_code,
    existing_item,
)
from shared.aws.items import Item

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Put = dict[str, Any]
"""The arguments of a PutItem with a condition."""

_MAX_BATCH: Final = 100
_MAX_IN_FLIGHT: Final = 4
_SLOW_REQUEST_S: Final = 0.03
"""How long waiting puts wait for a request in flight; then another request starts beside it."""
_SINGLE_PUT_ATTEMPTS: Final = 6


@dataclass(eq=False, slots=True)
class _PendingPut:
    """A put and its result: None once it is written, else the item that has its key."""

    put: Put
    result: "asyncio.Future[Item | None]"

    def resolve(self, standing: Item | None = None) -> None:
        if not self.result.done():
            self.result.set_result(standing)

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class BatchedPuts:
    """One instance serves all turns of a process, on one event loop."""

    def __init__(self, dynamodb: "DynamoDBClient") -> None:
        self._dynamodb = dynamodb
        self._pending: deque[_PendingPut] = deque()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._last_flush = 0.0
        self._is_urgent = False
        self._streaming = StreamingTurns()

    async def put(self, turn_id: str, put: Put, *, at_once: bool = False) -> Item | None:
        """Write the item; return None, or the item that already has its key.

        A turn has at most one put at a time. `at_once`: do not wait for the flush interval; puts that wait are sent
        along. Raises the error of DynamoDB after the last retry.
        """
        loop = asyncio.get_running_loop()
        pending = _PendingPut(put, loop.create_future())
        self._streaming.record(turn_id, loop.time())
        self._pending.append(pending)
        if at_once and not self._is_urgent:
            self._is_urgent = True
            self._cancel_timer()
        self._schedule(loop)
        return await pending.result

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer or not self._pending or len(self._in_flight) >= _MAX_IN_FLIGHT:
            return
        due = loop.time() if self._is_urgent else max(self._next_flush(loop.time()), loop.time())
        self._timer = loop.call_at(due, self._flush, loop)

    def _next_flush(self, now: float) -> float:
        interval = flush_interval_s(self._streaming.count(now))
        return self._last_flush + (max(interval, _SLOW_REQUEST_S) if self._in_flight else interval)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._is_urgent = None, False
        batch: list[_PendingPut] = []
        while self._pending and len(batch) < _MAX_BATCH:
            pending = self._pending.popleft()
            if not pending.result.done():  # else its turn was cancelled while it waited
                batch.append(pending)
        if batch:
            self._last_flush = loop.time()
            task = loop.create_task(self._write(batch))
            self._in_flight.add(task)
            task.add_done_callback(self._on_written)
        self._schedule(loop)

    def _on_written(self, task: "asyncio.Task[None]") -> None:
        self._in_flight.discard(task)
        self._cancel_timer()
        self._schedule(task.get_loop())

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def _write(self, batch: list[_PendingPut]) -> None:
        """Return when every put of the batch has its result."""
        singles: list[_PendingPut] = []
        while len(batch) > 1:
            try:
                await self._put_batch(batch)
            except AWS_ERRORS as error:
                again, alone = _without_failed(batch, cancellation_reasons(error))
                singles += alone
                if len(again) == len(batch):  # the error names no put: each one finds out by itself
                    break
                batch = again
            else:
                for pending in batch:
                    pending.resolve()
                batch = []
        await asyncio.gather(*map(self._write_single, [*singles, *batch]))

    async def _put_batch(self, batch: Sequence[_PendingPut]) -> None:
        """Send one transaction. Its token is its own: if the response is lost, the client's own retry succeeds."""
        await self._dynamodb.transact_write_items(
            TransactItems=[{"Put": pending.put} for pending in batch],  # type: ignore[typeddict-item]
            ClientRequestToken=token_hex(16),
        )

    async def _write_single(self, pending: _PendingPut) -> None:
        try:
            await self._put_single(pending.put)
        except AWS_ERRORS as error:
            standing = existing_item(error)
            if standing is None:
                pending.fail(error)
            else:
                pending.resolve(standing)
        else:
            pending.resolve()

    @retry(
        retry=retry_if_exception(lambda error: error_code(error) == TRANSACTION_CONFLICT),
        stop=stop_after_attempt(_SINGLE_PUT_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.02, max=0.5),
        reraise=True,
    )
    async def _put_single(self, put: Put) -> None:
        await self._dynamodb.put_item(**put)


def _without_failed(
    batch: Sequence[_PendingPut], reasons: Sequence[CancellationReason]
) -> tuple[list[_PendingPut], list[_PendingPut]]:
    """Split a failed batch by its cancellation reasons: puts to send together again, and puts to send alone.

    A put whose key is taken is in neither list, because it gets its result here.
    """
    again: list[_PendingPut] = []
    alone: list[_PendingPut] = []
    for position, pending in enumerate(batch):
        reason = reasons[position] if position < len(reasons) else None
        if reason and reason.code == CONDITION_FAILED and reason.item:
            pending.resolve(reason.item)
        elif reason is None or reason.code == "None":
            again.append(pending)
        else:
            alone.append(pending)
    return again, alone
