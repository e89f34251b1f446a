"""One message from its receipt to its end: hidden while it is worked on, then deleted, dead-lettered or given back."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from shared.clock import Clock
from shared.events.backoff import AWS_ERRORS, error_code, is_throttled, jittered
from shared.events.dead_letters import DeadLetters
from shared.events.messages import Message, Poison, Postpone, RetryLater

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_RETRY_BASE_S: Final = 2.0
_RETRY_CAP_S: Final = 300.0
_FRAMES_LOGGED: Final = 4


class Delivery:
    """Works on messages of one queue; keeps none itself."""

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        dead_letters: DeadLetters,
        handle: Callable[[Message], Awaitable[None]],
        clock: Clock,
        *,
        visibility_s: int,
    ) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._dead_letters = dead_letters
        self._handle = handle
        self._clock = clock
        self._visibility_s = visibility_s

    async def work(self, message: Message) -> bool:
        """Handle it and settle what becomes of it. False when something that it needs was throttled."""
        try:
            await self._handle_hidden(message)
        except asyncio.CancelledError:
            await self.give_back(message, 0)
            raise
        except Poison as poison:
            await self._settle(self._bury(message, poison.reason))
        except RetryLater as later:
            await self.give_back(message, later.seconds)
        except Postpone as later:
            await self._settle(self._postpone(message, later.seconds))
        except Exception as error:  # noqa: BLE001 - whatever it is, the message stays and comes again
            _report(error, message)
            again_s = jittered(message.receive_count, base_s=_RETRY_BASE_S, cap_s=_RETRY_CAP_S)
            await self.give_back(message, again_s)
            return not is_throttled(error)
        else:
            await self._settle(self._delete(message))
        return True

    async def give_back(self, message: Message, seconds: float) -> None:
        """Let it be delivered again after `seconds`, rounded up."""
        await self._settle(self._hide(message, -int(-seconds // 1)))

    async def _handle_hidden(self, message: Message) -> None:
        hiding = asyncio.create_task(self._keep_hidden(message))
        try:
            await self._handle(message)
        finally:
            hiding.cancel()
            await asyncio.wait({hiding})

    async def _keep_hidden(self, message: Message) -> None:
        while True:
            await self._clock.sleep(self._visibility_s / 3)
            await self._settle(self._hide(message, self._visibility_s))

    async def _settle(self, call: Awaitable[None]) -> None:
        try:
            await call
        except AWS_ERRORS as error:  # the queue delivers it again; consumers are idempotent
            _log.warning("message not settled", error=error_code(error))

    async def _hide(self, message: Message, seconds: int) -> None:
        await self._sqs.change_message_visibility(
            QueueUrl=self._queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
        )

    async def _delete(self, message: Message) -> None:
        await self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message.receipt)

    async def _bury(self, message: Message, reason: str) -> None:
        await self._dead_letters.add(message.body, reason=reason, origin="queue")
        await self._delete(message)

    async def _postpone(self, message: Message, seconds: float) -> None:
        await self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=message.body,
            DelaySeconds=-int(-seconds // 1),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )
        await self._delete(message)


def _report(error: Exception, message: Message) -> None:
    """Type and place of the failure; its text stays out, for it may quote the message."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_LOGGED:]
    _log.error(
        "handler failed",
        error=error_code(error),
        exception_type=type(error).__name__,
        frames=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
        message_id=message.id,
        receive_count=message.receive_count,
    )
