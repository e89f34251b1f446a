"""Where a message goes that nobody here can work on, with the reason why."""

from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_MAX_REASON: Final = 256


class DeadLetters:
    """`origin` tells a redrive where the message belongs: `queue` (this queue's own) or `bus` (never published)."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    async def add(self, body: str, *, reason: str, origin: str) -> None:
        """Put it there, unchanged, with the attributes `reason` and `origin`. Raises what the client raises."""
        await self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageAttributes={
                "reason": {"DataType": "String", "StringValue": reason[:_MAX_REASON] or "unknown"},
                "origin": {"DataType": "String", "StringValue": origin},
            },
        )
        _log.warning("dead-lettered", reason=reason[:_MAX_REASON], origin=origin)
