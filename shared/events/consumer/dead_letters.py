"""Puts messages that cannot be handled into a dead-letter queue, with the reason."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import structlog

from shared.aws.errors import AWS_ERRORS, error_code
from shared.events.commands import TYPE

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_log: Final = structlog.get_logger()
_MAX_REASON: Final = 256
_MAX_OWN_ATTRIBUTES: Final = 8  # SQS allows 10 attributes: these, `reason` and `origin`
_NOTHING: Final[Mapping[str, str]] = {}

Origin = Literal["queue", "bus"]


class DeadLetters:
    """A dead-letter queue.

    `origin` tells a redrive where the message belongs: `queue` (it came from this queue) or `bus` (an event that was
    never published).
    """

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    async def add(self, body: str, *, reason: str, origin: Origin, attributes: Mapping[str, str] = _NOTHING) -> None:
        """Add a message with its body and attributes unchanged, and with `reason` and `origin` as more attributes.

        At most 8 of its own attributes are kept, its type always. Raises what the client raises.
        """
        added = {"reason": _sanitized(reason), "origin": origin}
        await self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in (_own_attributes(attributes) | added).items()
            },
        )
        _log.warning("message.dead_lettered", reason=_sanitized(reason), origin=origin)

    async def try_add(
        self, body: str, *, reason: str, origin: Origin, attributes: Mapping[str, str] = _NOTHING
    ) -> bool:
        """As `add`, but logs an error of AWS and returns False."""
        try:
            await self.add(body, reason=reason, origin=origin, attributes=attributes)
        except AWS_ERRORS as error:
            _log.warning("message.dead_letter_failed", error=error_code(error))
            return False
        return True


def _own_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    own = sorted(attributes.keys() - {"reason", "origin"}, key=lambda name: (name != TYPE, name))
    return {name: attributes[name] for name in own[:_MAX_OWN_ATTRIBUTES]}


def _sanitized(reason: str) -> str:
    """`reason` shortened, not empty, and without characters that SQS refuses, so that the message can be added."""
    return "".join(each if each.isprintable() else " " for each in reason[:_MAX_REASON]) or "unknown"
