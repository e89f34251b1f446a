"""Where a message goes that nobody here can work on, with the reason why."""

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
    """`origin` tells a redrive where the message belongs: `queue` (this queue's own) or `bus` (never published)."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    async def add(self, body: str, *, reason: str, origin: Origin, attributes: Mapping[str, str] = _NOTHING) -> None:
        """Put it there unchanged, with its own attributes and `reason` and `origin`. Raises what the client raises.

        Of more than 8 attributes of its own some are lost, but never its type.
        """
        about = {"reason": _sanitized(reason), "origin": origin}
        await self._sqs.send_message(
            QueueUrl=self._queue_url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in (_own_attributes(attributes) | about).items()
            },
        )
        _log.warning("message.dead_lettered", reason=_sanitized(reason), origin=origin)

    async def try_add(
        self, body: str, *, reason: str, origin: Origin, attributes: Mapping[str, str] = _NOTHING
    ) -> bool:
        """As `add`; False, and logged, when the queue did not take it."""
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
    """Short, not empty, and of characters that SQS takes: a reason must not keep its message from the dead letters."""
    return "".join(each if each.isprintable() else " " for each in reason[:_MAX_REASON]) or "unknown"
