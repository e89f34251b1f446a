"""The consumer runtime of a process: polls one queue and works on its messages, so many at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from shared.clock import Clock, SystemClock
from shared.events.backoff import AWS_ERRORS, Pace, error_code
from shared.events.dead_letters import DeadLetters
from shared.events.delivery import Delivery
from shared.events.dispatch import Handlers
from shared.events.messages import Message, Poison, Postpone, RetryLater
from shared.events.waiting import unless

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

__all__ = ["Handlers", "Message", "Poison", "Poller", "Postpone", "RetryLater"]

_log: Final = structlog.get_logger()
_MOST_PER_RECEIVE: Final = 10


class Poller:
    """`handle` gets each message at least once, in any order, `concurrency` at a time.

    It returns: the message is deleted. It raises Poison: dead letters with the reason. RetryLater: delivered again
    after that time. Postpone: the same, as a fresh message. Anything else: logged, delivered again with jittered
    back-off, until the queue's own `maxReceiveCount` ends it. While it works the message stays hidden.
    A throttled dependency, or a queue that does not answer, slows the polling down.
    """

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        dlq_url: str,
        handle: Callable[[Message], Awaitable[None]],
        *,
        concurrency: int = 10,
        wait_s: int = 20,
        visibility_s: int = 30,
        grace_s: float = 20.0,
        clock: Clock | None = None,
    ) -> None:
        """`wait_s`: long poll (0-20). `visibility_s`: how soon another process gets what this one died with.

        `grace_s`: how long running handlers may go on after the order to stop.
        """
        self._sqs = sqs
        self._queue_url = queue_url
        self._concurrency = concurrency
        self._wait_s = wait_s
        self._visibility_s = visibility_s
        self._grace_s = grace_s
        self._clock = clock or SystemClock()
        self._pace = Pace(self._clock)
        dead_letters = DeadLetters(sqs, dlq_url)
        self._delivery = Delivery(sqs, queue_url, dead_letters, handle, self._clock, visibility_s=visibility_s)
        self._working: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set, then let handlers finish; what is not done after the grace is given back."""
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                for message in await self._next(stop):
                    self._start(group, message)
            await self._finish()

    async def _next(self, stop: asyncio.Event) -> list[Message]:
        if pause := self._pace.pause_s():
            await unless(stop, self._clock.sleep(pause))
        elif (free := self._concurrency - len(self._working)) > 0:
            received = await unless(stop, self._receive(min(free, _MOST_PER_RECEIVE))) or []
            if not stop.is_set():
                return received
            await asyncio.gather(*(self._delivery.give_back(message, 0) for message in received))
        else:
            await unless(stop, asyncio.wait(set(self._working), return_when=asyncio.FIRST_COMPLETED))
        return []

    async def _receive(self, at_most: int) -> list[Message]:
        try:
            answer = await self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=at_most,
                WaitTimeSeconds=self._wait_s,
                VisibilityTimeout=self._visibility_s,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
                MessageAttributeNames=["All"],
            )
        except AWS_ERRORS as error:
            _log.warning("queue does not answer", error=error_code(error))
            self._pace.trouble()
            return []
        return [Message.of(each) for each in answer.get("Messages", [])]

    def _start(self, group: asyncio.TaskGroup, message: Message) -> None:
        task = group.create_task(self._work(message))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, message: Message) -> None:
        if await self._delivery.work(message):
            self._pace.well()
        else:
            self._pace.trouble()

    async def _finish(self) -> None:
        if not self._working:
            return
        _, late = await asyncio.wait(self._working, timeout=self._grace_s)
        for task in late:
            task.cancel()
