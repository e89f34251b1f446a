"""A queue as its consumer settles messages on it. What SQS refuses is logged: it delivers the message again."""

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

from shared.backoff import AWS_ERRORS, error_code
from shared.events.consumer.messages import Message

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()


class Queue:
    def __init__(self, sqs: "SQSClient", url: str, *, deletes: bool = True) -> None:
        self._sqs = sqs
        self._url = url
        self._deletes = deletes

    async def hide(self, message: Message, seconds: float) -> None:
        """Until `seconds` from now, rounded up."""
        await _settled(
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=_whole(seconds)
            )
        )

    async def delete(self, message: Message) -> None:
        if self._deletes:
            await _settled(self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt))

    async def sent_copy(self, message: Message, seconds: float, attributes: Mapping[str, str]) -> bool:
        """The same body once more, `seconds` from now, counted from 1. False when the queue did not take it."""
        return await _settled(
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=message.body,
                DelaySeconds=_whole(seconds),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
        )


def _whole(seconds: float) -> int:
    return -int(-seconds // 1)


async def _settled(call: Awaitable[Any]) -> bool:
    try:
        await call
    except AWS_ERRORS as error:  # the queue delivers it again; consumers are idempotent
        _log.warning("message not settled", error=error_code(error))
        return False
    return True
