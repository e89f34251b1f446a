"""Claims of event ids: an item that marks an event as handled, written in the transaction of its effect.

A second delivery of the event then fails and has no second effect. Only consumers without a natural key need claims.
The claim is a write with a name: `uow.put("claim", claims.row(…))`. A commit that raises Conflict with
`"claim" in conflict.names` was for an event that is handled already.
"""

from typing import Any, Final

from shared.aws.items import to_item
from shared.clock import Clock, epoch_seconds

CLAIM_TTL_S: Final = 30 * 24 * 3600
"""Longer than an event can wait: 14 days in its queue, and 14 in the dead-letter queue before it is redriven."""


def expiry(clock: Clock) -> int:
    """When a claim that is made now expires, in epoch seconds: the `ttl` of `row`."""
    return epoch_seconds(clock.now()) + CLAIM_TTL_S


def row(table: str, consumer: str, event_id: str, ttl: int) -> dict[str, Any]:
    """One `Put` for TransactWriteItems, which fails when `consumer` has claimed the event before.

    `consumer` names the effect, not the process: two effects of one event are two consumers.
    """
    item = {"pk": f"CLAIM#{consumer}#{event_id}", "sk": "CLAIM", "ttl": ttl, "v": 1}
    return {"Put": {"TableName": table, "Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}}
