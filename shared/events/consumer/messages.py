"""A queue's message, and the exceptions by which its handler asks for a dead letter, a retry or a delay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ValidationError

MAX_DELAY_S: Final = 900  # SQS delays a message by 15 minutes at most
_MAX_LISTED_ERRORS: Final = 3

T = TypeVar("T", bound=BaseModel)


class PoisonMessageError(Exception):
    """The message can never be handled; it goes to the dead-letter queue with `reason`, which quotes no payload."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Delayed(Exception):  # noqa: N818 - not an error: it is too early for the message
    def __init__(self, seconds: float) -> None:
        if not 0 <= seconds <= MAX_DELAY_S:
            raise ValueError(f"the delay of a message is 0 to {MAX_DELAY_S} seconds, not {seconds}")
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class RetryLater(_Delayed):
    """Deliver the same message again after `seconds` (0-900). The delivery counts towards `maxReceiveCount`."""


class Postpone(_Delayed):
    """Send a copy of the message after `seconds` (0-900) and delete this one; the deliveries count from 1 again.

    For messages that wait on purpose, such as watchdogs: `maxReceiveCount` would end them as dead letters.
    """


@dataclass(frozen=True)
class QueueMessage:
    """A received message. `receipt` is its receipt handle; `attributes` are its attributes of type String."""

    id: str
    body: str
    receipt: str
    receive_count: int = 1
    attributes: Mapping[str, str] = field(default_factory=dict)
    sent_at: int | None = None
    """Epoch ms, when known."""

    @classmethod
    def from_sqs(cls, received: Mapping[str, Any]) -> Self:
        """From an entry of the answer to ReceiveMessage."""
        return cls(
            id=received["MessageId"],
            body=received["Body"],
            receipt=received["ReceiptHandle"],
            **_system_attributes(received.get("Attributes", {})),
            attributes={
                name: each["StringValue"]
                for name, each in received.get("MessageAttributes", {}).items()
                if "StringValue" in each
            },
        )

    @classmethod
    def from_lambda_record(cls, record: Mapping[str, Any]) -> Self:
        """From a record of the event by which Lambda invokes a queue's function; its fields are spelled differently."""
        return cls(
            id=record["messageId"],
            body=record["body"],
            receipt=record["receiptHandle"],
            **_system_attributes(record.get("attributes", {})),
            attributes={
                name: each["stringValue"]
                for name, each in record.get("messageAttributes", {}).items()
                if each.get("stringValue") is not None
            },
        )

    def parse(self, model: type[T]) -> T:
        """The body as a `model`. Raises PoisonMessageError with the invalid fields, but without their values."""
        try:
            return model.model_validate_json(self.body)
        except ValidationError as error:
            raise PoisonMessageError(f"{model.__name__}: {describe_errors(error)}") from None


def _system_attributes(system: Mapping[str, str]) -> dict[str, Any]:
    sent = system.get("SentTimestamp")
    return {
        "receive_count": int(system.get("ApproximateReceiveCount", "1")),
        "sent_at": int(sent) if sent else None,
    }


def describe_errors(error: ValidationError) -> str:
    """`field.path: kind of error` of the first three errors. The text of an error would quote the payload."""
    errors = [
        f"{'.'.join(str(step) for step in each['loc']) or 'body'}: {each['type']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(errors[:_MAX_LISTED_ERRORS])
