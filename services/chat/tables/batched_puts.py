"""Puts of all turns of this process, gathered: those that wait go together, because the number of requests decides.

One waiting put is a PutItem; several are one TransactWriteItems with the same conditions. Whoever spoils a
transaction leaves it: a turn whose place is taken is told so, one that is busy goes on alone, the rest go again at
once. So no turn waits for another one's trouble longer than a round trip. ADR 8 has the measurements.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from services.chat.tables.flush_interval import StreamingTurns, pause_s
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

_MOST_TOGETHER: Final = 100
_UNDER_WAY: Final = 4
_PATIENCE_S: Final = 0.03
"""How long those who wait do so for a flush that is slow, before the next one starts beside it."""
_ATTEMPTS_ALONE: Final = 6


@dataclass(eq=False, slots=True)
class _Waiting:
    put: Put
    answer: "asyncio.Future[Item | None]"

    def is_written(self) -> None:
        if not self.answer.done():
            self.answer.set_result(None)

    def found(self, item: Item) -> None:
        if not self.answer.done():
            self.answer.set_result(item)

    def failed(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class BatchedPuts:
    """One for all turns of a process, on one event loop."""

    def __init__(self, dynamodb: "DynamoDBClient") -> None:
        self._dynamodb = dynamodb
        self._waiting: deque[_Waiting] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._hurried = False
        self._crowd = StreamingTurns()

    async def put(self, turn_id: str, put: Put, *, at_once: bool = False) -> Item | None:
        """None when it was written, else the item that stands in its place.

        At most one at a time for each turn. `at_once`: wait for no fuller flush, and take along who waits. Raises
        what DynamoDB raises, once it has been asked often enough.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(put, loop.create_future())
        self._crowd.saw(turn_id, loop.time())
        self._waiting.append(waiting)
        if at_once and not self._hurried:
            self._hurried = True
            self._cancel_timer()
        self._schedule(loop)
        return await waiting.answer

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer or not self._waiting or len(self._under_way) >= _UNDER_WAY:
            return
        due = loop.time() if self._hurried else max(self._due(loop.time()), loop.time())
        self._timer = loop.call_at(due, self._flush, loop)

    def _due(self, now: float) -> float:
        pause = pause_s(self._crowd.size(now))
        return self._began + (max(pause, _PATIENCE_S) if self._under_way else pause)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._hurried = None, False
        together: list[_Waiting] = []
        while self._waiting and len(together) < _MOST_TOGETHER:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():  # else its turn was cut off: it says nothing more
                together.append(waiting)
        if together:
            self._began = loop.time()
            writing = loop.create_task(self._write(together))
            self._under_way.add(writing)
            writing.add_done_callback(self._written)
        self._schedule(loop)

    def _written(self, writing: "asyncio.Task[None]") -> None:
        self._under_way.discard(writing)
        self._cancel_timer()
        self._schedule(writing.get_loop())

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def _write(self, together: list[_Waiting]) -> None:
        """Returns when everybody has an answer."""
        alone: list[_Waiting] = []
        while len(together) > 1:
            try:
                await self._put_together(together)
            except ClientError as error:
                stayed, left = _sorted_out(together, cancellation_reasons(error))
                alone += left
                if len(stayed) == len(together):  # nobody in particular: each has to find out
                    break
                together = stayed
            except BotoCoreError:
                break
            else:
                for each in together:
                    each.is_written()
                together = []
        await asyncio.gather(*map(self._write_alone, [*alone, *together]))

    async def _put_together(self, together: Sequence[_Waiting]) -> None:
        """One token for each composition: when the answer to a success was lost, the client's next try succeeds."""
        await self._dynamodb.transact_write_items(
            TransactItems=[{"Put": each.put} for each in together],  # type: ignore[typeddict-item]
            ClientRequestToken=token_hex(16),
        )

    async def _write_alone(self, waiting: _Waiting) -> None:
        try:
            await self._put_alone(waiting.put)
        except AWS_ERRORS as error:
            if (stands := existing_item(error)) is not None:
                waiting.found(stands)
            else:
                waiting.failed(error)
        else:
            waiting.is_written()

    @retry(
        retry=retry_if_exception(lambda error: error_code(error) == TRANSACTION_CONFLICT),
        stop=stop_after_attempt(_ATTEMPTS_ALONE),
        wait=wait_random_exponential(multiplier=0.02, max=0.5),
        reraise=True,
    )
    async def _put_alone(self, put: Put) -> None:
        await self._dynamodb.put_item(**put)


def _sorted_out(
    together: Sequence[_Waiting], reasons: Sequence[CancellationReason]
) -> tuple[list[_Waiting], list[_Waiting]]:
    """Who may go again together, and who goes on alone; whose place is taken is told what stands there."""
    stayed: list[_Waiting] = []
    left: list[_Waiting] = []
    for position, each in enumerate(together):
        reason = reasons[position] if position < len(reasons) else None
        if reason and reason.code == CONDITION_FAILED and reason.item:
            each.found(reason.item)
        elif reason is None or reason.code == "None":
            stayed.append(each)
        else:
            left.append(each)
    return stayed, left
