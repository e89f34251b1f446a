"""An event as a row of the table whose change it tells of, written in that change's transaction.

The row is the truth until the relay has published it: `OUTBOX#<0-7>/<event id>`, the envelope as one JSON string.
"""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

from shared.aws.items import Item, to_item
from shared.events.envelope import Envelope

SHARDS: Final = 8
MAX_ENVELOPE_BYTES: Final = 200 * 1024
"""EventBridge takes entries of 256 KB with source and type; an event that comes near it carries too much."""


class EnvelopeTooLargeError(ValueError):
    """The envelope would not pass the bus; nothing was written."""


_PREFIX: Final = "OUTBOX#"


def partition(shard: int) -> str:
    return f"{_PREFIX}{shard}"


def is_row(image: Mapping[str, Any]) -> bool:
    """Whether an item of the table, as its stream tells it, lies in the outbox."""
    return str(image.get("pk", {}).get("S", "")).startswith(_PREFIX)


def shard_of(event_id: str) -> int:
    """0-7, the same in every process and release."""
    return crc32(event_id.encode()) % SHARDS


def key(event_id: str) -> Item:
    return to_item({"pk": partition(shard_of(event_id)), "sk": event_id})


def write(table: str, envelope: Envelope) -> dict[str, Any]:
    """One `Put` for TransactWriteItems. Raises EnvelopeTooLargeError above 200 KB."""
    envelope_json = envelope.model_dump_json()
    if len(envelope_json.encode()) > MAX_ENVELOPE_BYTES:
        raise EnvelopeTooLargeError(f"{envelope.type} takes more than {MAX_ENVELOPE_BYTES} bytes")
    return {"Put": {"TableName": table, "Item": key(envelope.id) | to_item({"envelope": envelope_json, "v": 1})}}
