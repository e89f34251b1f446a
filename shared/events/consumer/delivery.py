"""Handles one received message: hides it meanwhile, then deletes it, dead-letters it or returns it to the queue."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from shared.aws.errors import error_code, is_unavailable
from shared.backoff import jittered_backoff_s
from shared.clock import Clock
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage, RetryLater
from shared.events.consumer.outcomes import MessageOutcome
from shared.events.consumer.queue import Queue

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_RETRY_BASE_S: Final = 2.0
_RETRY_CAP_S: Final = 300.0
_FRAMES_LOGGED: Final = 4

RENEWED: Final = "renewed"
"""Attribute of a message that was sent again as a copy: how many times, because a dependency was unavailable."""
MAX_RECEIVES_IN_OUTAGE: Final = 3
"""After so many receives during an outage, a message is replaced by a copy, whose receives count from 1.

Below the maxReceiveCount of every queue.
"""
_MAX_RENEWALS: Final = 100  # about a day; after that the queue's maxReceiveCount applies


class Delivery:
    """Handles the messages of one queue, one per call.

    `visibility_s`: how long a message is hidden, renewed while its handler runs; None where the queue hides it long
    enough. `deletes`: False where the host deletes handled messages itself, as Lambda does.
    """

    def __init__(
        self,
        sqs: "SQSClient",
        queue_url: str,
        dead_letters: DeadLetters,
        handle: Callable[[QueueMessage], Awaitable[None]],
        clock: Clock,
        *,
        visibility_s: int | None,
        deletes: bool = True,
    ) -> None:
        self._queue = Queue(sqs, queue_url, deletes=deletes)
        self._dead_letters = dead_letters
        self._handle = handle
        self._clock = clock
        self._visibility_s = visibility_s

    async def handle(self, message: QueueMessage) -> MessageOutcome:
        """Handle the message and settle it on its queue. Raises only CancelledError."""
        try:
            await self._handle_while_hidden(message)
        except asyncio.CancelledError:
            await self.return_to_queue(message, 0)
            raise
        except PoisonMessageError as poison:
            return await self._dead_letter(message, poison.reason)
        except RetryLater as later:
            await self.return_to_queue(message, later.seconds)
            return MessageOutcome.RETRIED
        except Postpone as later:
            return await self._replace(message, later.seconds, {}, MessageOutcome.POSTPONED)
        except Exception as error:  # noqa: BLE001 - on any error the message is delivered again
            if not is_unavailable(error):
                return await self._fail(message, error)
            _log.warning("message.held_back", error=error_code(error), message_id=message.id)
            return await self.hold_back(message)
        await self._queue.delete(message)
        return MessageOutcome.HANDLED

    async def return_to_queue(self, message: QueueMessage, seconds: float) -> None:
        """Let the message be delivered again after `seconds`, rounded up."""
        await self._queue.hide(message, seconds)

    async def _handle_while_hidden(self, message: QueueMessage) -> None:
        if self._visibility_s is None:
            await self._handle(message)
            return
        extending = asyncio.create_task(self._extend_visibility(message, self._visibility_s))
        try:
            await self._handle(message)
        finally:
            extending.cancel()
            await asyncio.wait({extending})

    async def _extend_visibility(self, message: QueueMessage, visibility_s: int) -> None:
        while True:
            await self._clock.sleep(visibility_s / 3)
            await self._queue.hide(message, visibility_s)

    async def _dead_letter(self, message: QueueMessage, reason: str) -> MessageOutcome:
        if await self._dead_letters.try_add(message.body, reason=reason, origin="queue", attributes=message.attributes):
            await self._queue.delete(message)
            return MessageOutcome.DEAD_LETTERED
        return MessageOutcome.FAILED

    async def _fail(self, message: QueueMessage, error: Exception) -> MessageOutcome:
        _log_failure(error, message)
        await self.return_to_queue(message, _pause_s(message.receive_count))
        return MessageOutcome.FAILED

    async def hold_back(self, message: QueueMessage) -> MessageOutcome:
        """Let the message be delivered again, later each time, while a dependency is throttled or unavailable.

        SQS counts every receive. Receives during an outage must not use up the message's maxReceiveCount.
        """
        renewals = int(message.attributes.get(RENEWED, "0"))
        pause_s = _pause_s(message.receive_count + renewals * MAX_RECEIVES_IN_OUTAGE)
        if message.receive_count >= MAX_RECEIVES_IN_OUTAGE and renewals < _MAX_RENEWALS:
            return await self._replace(message, pause_s, {RENEWED: str(renewals + 1)}, MessageOutcome.RENEWED)
        await self.return_to_queue(message, pause_s)
        return MessageOutcome.HELD_BACK

    async def _replace(
        self, message: QueueMessage, seconds: float, added: dict[str, str], done: MessageOutcome
    ) -> MessageOutcome:
        kept = {name: value for name, value in message.attributes.items() if name != RENEWED}
        if await self._queue.send_copy(message, seconds, kept | added):
            await self._queue.delete(message)
            return done
        return MessageOutcome.HELD_BACK if done.is_outage else MessageOutcome.FAILED


def _pause_s(attempt: int) -> float:
    return jittered_backoff_s(attempt, base_s=_RETRY_BASE_S, cap_s=_RETRY_CAP_S)


def _log_failure(error: Exception, message: QueueMessage) -> None:
    """Log the type and the place of the failure, without its text, which may quote the message."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_LOGGED:]
    _log.error(
        "handler.failed",
        error=error_code(error),
        exception_type=type(error).__name__,
        frames=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
        message_id=message.id,
        receive_count=message.receive_count,
    )
