"""Reads dead letters without deleting them."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from infra.dlq.dead_letter import DeadLetter
from infra.dlq.queues import DeadLetterQueue

# Hides a dead letter so that it is not listed twice. It is visible again after the listing, or after this time.
_HIDDEN_S: Final = 30
_PER_RECEIVE: Final = 10


def count(sqs: Any, queue: DeadLetterQueue) -> int:
    """The approximate number of dead letters, without those that another reader has hidden."""
    answer = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def dead_letters(sqs: Any, queue: DeadLetterQueue, at_most: int) -> list[DeadLetter]:
    received: list[Mapping[str, Any]] = []
    try:
        for batch in batches(sqs, queue, at_most, _HIDDEN_S):
            received += batch
        return [DeadLetter.of(each, time.time()) for each in received]
    finally:
        for each in received:
            show_again(sqs, queue, each)


def batches(sqs: Any, queue: DeadLetterQueue, at_most: int, hidden_s: int) -> Iterator[list[Mapping[str, Any]]]:
    """Receive at most `at_most` dead letters; ends early when the queue returns none. Each is hidden for `hidden_s`."""
    left = at_most
    while left > 0:
        answer = sqs.receive_message(
            QueueUrl=queue.url,
            MaxNumberOfMessages=min(left, _PER_RECEIVE),
            WaitTimeSeconds=1,
            VisibilityTimeout=hidden_s,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        if not (batch := answer.get("Messages", [])):
            return
        left -= len(batch)
        yield batch


def show_again(sqs: Any, queue: DeadLetterQueue, received: Mapping[str, Any]) -> None:
    sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=received["ReceiptHandle"], VisibilityTimeout=0)
