"""Settles received messages on their queue. A refused call is logged: SQS then delivers the message again."""

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

from shared.aws.errors import AWS_ERRORS, error_code
from shared.events.consumer.messages import QueueMessage

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()


class Queue:
    """`deletes`: False where the host deletes handled messages itself."""

    def __init__(self, sqs: "SQSClient", url: str, *, deletes: bool = True) -> None:
        self._sqs = sqs
        self._url = url
        self._deletes = deletes

    async def hide(self, message: QueueMessage, seconds: float) -> None:
        """Hide the message for `seconds` from now, rounded up."""
        await _try_call(
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=_whole_seconds(seconds)
            )
        )

    async def delete(self, message: QueueMessage) -> None:
        if self._deletes:
            await _try_call(self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt))

    async def send_copy(self, message: QueueMessage, seconds: float, attributes: Mapping[str, str]) -> bool:
        """Send the same body as a new message, delayed by `seconds`. False when the queue did not accept it."""
        return await _try_call(
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=message.body,
                DelaySeconds=_whole_seconds(seconds),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
        )


def _whole_seconds(seconds: float) -> int:
    return -int(-seconds // 1)


async def _try_call(call: Awaitable[Any]) -> bool:
    try:
        await call
    except AWS_ERRORS as error:  # the queue delivers the message again; consumers are idempotent
        _log.warning("message.settle_failed", error=error_code(error))
        return False
    return True
