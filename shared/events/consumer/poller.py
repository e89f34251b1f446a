"""The consumer of the process host: polls one queue and handles its messages, several at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from shared.aws.errors import AWS_ERRORS, error_code
from shared.backoff import CircuitPause
from shared.clock import Clock, SystemClock, unless_stopped
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.consumer.delivery import Delivery
from shared.events.consumer.messages import QueueMessage
from shared.events.consumer.outcomes import MessageOutcome
from shared.events.consumer.processor import MessageProcessor
from shared.telemetry import Metrics, Tally

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_MAX_PER_RECEIVE: Final = 10
_CAPACITY_POLL_S: Final = 0.05


def _unlimited() -> int:
    return _MAX_PER_RECEIVE


class Poller:
    """Calls `handle` with each message at least once, in any order, at most `concurrency` at a time.

    * `handle` returns: the message is deleted.
    * PoisonMessageError: the message goes to the dead-letter queue with the reason.
    * RetryLater: it is delivered again after that time. Postpone: the same, but as a new message.
    * Any other exception: it is logged, and the message is delivered again with jittered back-off, until the queue's
      `maxReceiveCount` makes it a dead letter.

    While `handle` runs, the message stays hidden. When a dependency is throttled or unavailable, or the queue does not
    answer, the poller pauses, longer each time, and then takes one message at a time until one succeeds. A message that
    fails for this reason is replaced by a copy before its deliveries run out.
    """

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        dlq_url: str,
        handle: Callable[[QueueMessage], Awaitable[None]],
        *,
        concurrency: int = 10,
        wait_s: int = 20,
        visibility_s: int = 30,
        grace_s: float = 20.0,
        capacity: Callable[[], int] = _unlimited,
        metrics: Metrics | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`wait_s`: the long poll (0-20). `visibility_s`: how soon another process gets the messages of a dead one.

        `grace_s`: how long handlers may run on after stop is set. `capacity`: how many more messages this process may
        take now; it is asked before each receive, and again every 50 ms while it is 0.
        """
        self._sqs = sqs
        self._queue_url = queue_url
        self._concurrency = concurrency
        self._wait_s = wait_s
        self._visibility_s = visibility_s
        self._grace_s = grace_s
        self._capacity = capacity
        self._clock = clock or SystemClock()
        self._circuit = CircuitPause(self._clock)
        dead_letters = DeadLetters(sqs, dlq_url)
        self._delivery = Delivery(sqs, queue_url, dead_letters, handle, self._clock, visibility_s=visibility_s)
        self._tally = Tally(metrics, self._clock, queue=queue_url.rpartition("/")[2])
        self._processor = MessageProcessor(self._delivery, self._circuit, self._tally, self._clock)
        self._running: set[asyncio.Task[MessageOutcome]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set, then let handlers finish. After `grace_s` unfinished messages are returned."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                for message in await self._next_messages(stop):
                    self._start(group, message)
                self._tally.flush()
            await self._finish_handlers()
        self._tally.flush(now=True)

    async def _next_messages(self, stop: asyncio.Event) -> list[QueueMessage]:
        if pause := self._circuit.pause_s():
            await unless_stopped(stop, self._clock.sleep(pause))
        elif len(self._running) >= self._concurrency:
            await unless_stopped(stop, asyncio.wait(set(self._running), return_when=asyncio.FIRST_COMPLETED))
        elif (at_most := self._receive_limit()) > 0:
            received = await unless_stopped(stop, self._receive(at_most)) or []
            if not stop.is_set():
                return received
            await asyncio.gather(*(self._delivery.return_to_queue(message, 0) for message in received))
        else:
            await unless_stopped(stop, self._clock.sleep(_CAPACITY_POLL_S))
        return []

    def _receive_limit(self) -> int:
        limit = 1 if self._circuit.is_recovering() else _MAX_PER_RECEIVE
        return min(limit, self._concurrency - len(self._running), self._capacity())

    async def _receive(self, at_most: int) -> list[QueueMessage]:
        try:
            answer = await self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=at_most,
                WaitTimeSeconds=self._wait_s,
                VisibilityTimeout=self._visibility_s,
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
                MessageAttributeNames=["All"],
            )
        except AWS_ERRORS as error:
            _log.warning("queue.receive_failed", error=error_code(error))
            self._circuit.record_failure()
            return []
        return [QueueMessage.from_sqs(each) for each in answer.get("Messages", [])]

    def _start(self, group: asyncio.TaskGroup, message: QueueMessage) -> None:
        task = group.create_task(self._processor.process(message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _finish_handlers(self) -> None:
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=self._grace_s)
        for task in late:
            task.cancel()
