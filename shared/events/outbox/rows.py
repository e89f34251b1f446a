"""Outbox rows: the event of a change as an item of the same table, written in the change's transaction.

The key is `OUTBOX#<0-7>/<event id>`; the envelope is one JSON string. The relay publishes the row and deletes it.
"""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

from shared.aws.items import Item, to_item
from shared.events.envelope import Envelope

SHARDS: Final = 8
MAX_ENVELOPE_BYTES: Final = 200 * 1024
"""EventBridge accepts entries of 256 KB, source and type included. An event should be far smaller."""


class EnvelopeTooLargeError(ValueError):
    """The envelope is too large for the bus; nothing was written."""


_PREFIX: Final = "OUTBOX#"


def partition(shard: int) -> str:
    return f"{_PREFIX}{shard}"


def is_row(image: Mapping[str, Any]) -> bool:
    """Whether an item, in DynamoDB's types, is an outbox row."""
    return str(image.get("pk", {}).get("S", "")).startswith(_PREFIX)


def shard_of(event_id: str) -> int:
    """The shard of an event, 0-7, the same in every process and release."""
    return crc32(event_id.encode()) % SHARDS


def key(event_id: str) -> Item:
    return to_item({"pk": partition(shard_of(event_id)), "sk": event_id})


def write(table: str, envelope: Envelope) -> dict[str, Any]:
    """One `Put` of the event's row, for TransactWriteItems. Raises EnvelopeTooLargeError above 200 KB."""
    envelope_json = envelope.model_dump_json()
    if len(envelope_json.encode()) > MAX_ENVELOPE_BYTES:
        raise EnvelopeTooLargeError(f"{envelope.type} takes more than {MAX_ENVELOPE_BYTES} bytes")
    return {"Put": {"TableName": table, "Item": key(envelope.id) | to_item({"envelope": envelope_json, "v": 1})}}
