"""Puts dead letters back: into the queue that they come from, or on the bus that did not accept them.

Each message is sent before it is deleted: if this process dies in between, the message exists twice and is not lost.
All consumers are idempotent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.dlq.dead_letter import attributes, origin
from infra.dlq.queues import DeadLetterQueue
from infra.dlq.receive import batches, count, show_again

_HIDDEN_S: Final = 60
_DEATH_ATTRIBUTES: Final = frozenset({"reason", "origin", "renewed"})


@dataclass(frozen=True)
class Redriven:
    moved: int
    kept: int
    """Number of events that the bus refused again. They stay in the dead-letter queue."""


def redrive(sqs: Any, events: Any, queue: DeadLetterQueue, limit: int | None) -> Redriven:
    """Redrive at most `limit` dead letters, and never more than there are at the start.

    So a message that fails again meanwhile is not moved again.
    """
    moved, kept = 0, []
    waiting = count(sqs, queue)
    for batch in batches(sqs, queue, waiting if limit is None else min(limit, waiting), _HIDDEN_S):
        for letter in batch:
            if _put_back(sqs, events, queue, letter):
                sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=letter["ReceiptHandle"])
                moved += 1
            else:
                kept.append(letter)
    for letter in kept:
        show_again(sqs, queue, letter)
    return Redriven(moved, len(kept))


def _put_back(sqs: Any, events: Any, queue: DeadLetterQueue, letter: Mapping[str, Any]) -> bool:
    if queue.source_url is None or origin(letter) == "bus":
        return _publish(events, queue.bus, letter["Body"])
    kept = {name: value for name, value in attributes(letter).items() if name not in _DEATH_ATTRIBUTES}
    sqs.send_message(
        QueueUrl=queue.source_url,
        MessageBody=letter["Body"],
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in kept.items()},
    )
    return True


def _publish(events: Any, bus: str, body: str) -> bool:
    try:
        envelope = json.loads(body)
    except json.JSONDecodeError:
        return False
    if not (isinstance(envelope, dict) and {"source", "type", "time"} <= envelope.keys()):
        return False
    entry = {
        "EventBusName": bus,
        "Source": envelope["source"],
        "DetailType": envelope["type"],
        "Time": envelope["time"],
        "Detail": body,
    }
    return bool(events.put_events(Entries=[entry])["FailedEntryCount"] == 0)
