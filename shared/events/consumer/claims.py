"""A claim on an event: written with the effect, so that a second delivery cannot have the effect again.

Only for consumers without a natural key. The effect and its claim are one unit of work, in which the claim is a write
with a name: `uow.put("claim", claims.row(…))`. A commit that raises Conflict with `"claim" in conflict.names` was for
an event that is handled already.
"""

from typing import Any, Final

from shared.aws.items import to_item
from shared.clock import Clock, epoch_seconds

KEPT_SECONDS: Final = 30 * 24 * 3600
"""Longer than an event can wait: 14 days in its queue and 14 in the dead letters, from where it can be put back."""


def expiry(clock: Clock) -> int:
    """Epoch seconds until which a claim made now has to be kept: the `ttl` of `row`."""
    return epoch_seconds(clock.now()) + KEPT_SECONDS


def row(table: str, consumer: str, event_id: str, ttl: int) -> dict[str, Any]:
    """One `Put` for TransactWriteItems that fails when `consumer` has claimed the event before.

    `consumer` names the effect, not the process: two effects of one event are two consumers.
    """
    item = {"pk": f"CLAIM#{consumer}#{event_id}", "sk": "CLAIM", "ttl": ttl, "v": 1}
    return {"Put": {"TableName": table, "Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}}
