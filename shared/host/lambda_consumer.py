"""The consumer of a Lambda function: handles the messages of one queue that an invocation brings.

Lambda receives the messages, and deletes those that the answer does not name in `batchItemFailures`. In the process
host the poller does both. The handling itself is the same code.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from shared.backoff import CircuitPause
from shared.clock import Clock
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.consumer.delivery import Delivery
from shared.events.consumer.messages import QueueMessage
from shared.events.consumer.outcomes import MessageOutcome
from shared.events.consumer.processor import MessageProcessor
from shared.host.environment import Environment, seconds_left
from shared.settings import ServiceSettings
from shared.telemetry import Metrics, Tally

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_CANCEL_S: Final = 1.0

S = TypeVar("S", bound=ServiceSettings)


async def _nothing_to_finish(_seconds: float) -> None:
    return


class BatchConsumer:
    """Calls `handle` as a Poller does; its exceptions mean the same.

    `visibility_s`: None where the queue hides a message as long as an invocation may take. Otherwise the consumer hides
    the message for so long, renews this while its handler runs, and deletes it when the handler is done, not at the end
    of the invocation. `finish_or_hand_over`: awaited at the end of every invocation with the seconds that are left, for
    work that handlers have started.
    """

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        dlq_url: str,
        handle: Callable[[QueueMessage], Awaitable[None]],
        *,
        concurrency: int = 10,
        visibility_s: int | None = None,
        finish_or_hand_over: Callable[[float], Awaitable[None]] = _nothing_to_finish,
        metrics: Metrics | None = None,
        clock: Clock,
    ) -> None:
        self._concurrency = concurrency
        self._finish_or_hand_over = finish_or_hand_over
        self._circuit = CircuitPause(clock)
        self._tally = Tally(metrics, clock, queue=queue_url.rpartition("/")[2])
        delivery = Delivery(
            sqs,
            queue_url,
            DeadLetters(sqs, dlq_url),
            handle,
            clock,
            visibility_s=visibility_s,
            deletes=visibility_s is not None,
        )
        self._processor = MessageProcessor(delivery, self._circuit, self._tally, clock)

    async def consume(self, records: Sequence[Mapping[str, Any]], seconds: float) -> list[str]:
        """Handle messages; those not done within `seconds` return to the queue. Returns the ids to deliver again."""
        ends_at = asyncio.get_running_loop().time() + seconds
        waiting = [QueueMessage.from_lambda_record(record) for record in records]
        ids = [message.id for message in waiting]
        ended: dict[str, MessageOutcome] = {}
        while waiting:
            wave = waiting[: 1 if self._circuit.is_recovering() else self._concurrency]
            waiting = waiting[len(wave) :]
            outcomes = await self._process_wave(wave, ends_at)
            if any(outcome.is_outage for outcome in outcomes.values()):
                outcomes |= await self._hold_back(waiting)
                waiting = []
            ended |= outcomes
        await self._finish_or_hand_over(_seconds_until(ends_at))
        self._tally.flush(now=True)
        return [message_id for message_id in ids if message_id not in ended or not ended[message_id].is_final]

    async def _process_wave(self, wave: Sequence[QueueMessage], ends_at: float) -> dict[str, MessageOutcome]:
        """Outcomes by message id, without the messages that took too long and were returned to the queue."""
        tasks = {asyncio.create_task(self._processor.process(message)): message.id for message in wave}
        done, late = await asyncio.wait(tasks, timeout=_seconds_until(ends_at))
        for task in late:
            _log.warning("handler.timed_out", message_id=tasks[task])
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_CANCEL_S)
        return {tasks[task]: task.result() for task in done}

    async def _hold_back(self, messages: Sequence[QueueMessage]) -> dict[str, MessageOutcome]:
        outcomes = await asyncio.gather(*map(self._processor.hold_back, messages))
        return {message.id: outcome for message, outcome in zip(messages, outcomes, strict=True)}


class QueueFunction:
    """A handler for Lambda. Its event source mapping needs `ReportBatchItemFailures`."""

    def __init__(
        self,
        service: str,
        read_settings: Callable[[], S],
        open_consumer: Callable[[S], AbstractAsyncContextManager[BatchConsumer]],
    ) -> None:
        self._environment = Environment(service, read_settings, open_consumer)
        self.close = self._environment.close

    def __call__(self, event: Mapping[str, Any], context: "LambdaContext") -> "PartialItemFailureResponse":
        async def consume(consumer: BatchConsumer) -> list[str]:
            return await consumer.consume(event["Records"], seconds_left(context))

        again = self._environment.run(consume, context)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _seconds_until(ends_at: float) -> float:
    return max(0.0, ends_at - asyncio.get_running_loop().time())
