"""A message of a queue, and the exceptions that its handler may raise."""

import pytest
from pydantic import BaseModel

from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage, RetryLater


class Order(BaseModel):
    turn_id: str
    attempt: int


def test_a_message_is_read_from_a_response_of_sqs() -> None:
    message = QueueMessage.from_sqs(
        {
            "MessageId": "m",
            "Body": "{}",
            "ReceiptHandle": "r",
            "Attributes": {"ApproximateReceiveCount": "4"},
            "MessageAttributes": {
                "reason": {"DataType": "String", "StringValue": "why"},
                "blob": {"DataType": "Binary", "BinaryValue": b""},
            },
        }
    )
    assert message == QueueMessage("m", "{}", "r", 4, {"reason": "why"})


def test_a_body_is_parsed_into_its_model() -> None:
    assert QueueMessage("m", '{"turn_id": "t", "attempt": 2, "new": 1}', "r").parse(Order) == Order(
        turn_id="t", attempt=2
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"turn_id": "the secret", "attempt": "the secret"}', "Order: attempt: int_parsing"),
        ("the secret", "Order: body: json_invalid"),
        ("{}", "Order: turn_id: missing; attempt: missing"),
    ],
)
def test_a_body_that_cannot_be_parsed_is_poison_whose_reason_quotes_nothing(body: str, reason: str) -> None:
    with pytest.raises(PoisonMessageError) as caught:
        QueueMessage("m", body, "r").parse(Order)
    assert caught.value.reason == reason


@pytest.mark.parametrize("kind", [RetryLater, Postpone])
@pytest.mark.parametrize("seconds", [-1, 900.1, 86_400, float("nan")])
def test_a_delay_that_sqs_does_not_accept_is_refused(kind: type[RetryLater | Postpone], seconds: float) -> None:
    with pytest.raises(ValueError, match="0 to 900"):
        kind(seconds)


@pytest.mark.parametrize("kind", [RetryLater, Postpone])
def test_a_delay_of_fifteen_minutes_is_allowed(kind: type[RetryLater | Postpone]) -> None:
    assert kind(900).seconds == 900
