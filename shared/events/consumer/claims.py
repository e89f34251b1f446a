"""A claim on an event: written with the effect, so that a second delivery cannot have the effect again.

Only for consumers without a natural key; the effect and its claim are one transaction.
"""

from typing import Any, Final

from botocore.exceptions import ClientError

from shared.aws.items import to_item
from shared.clock import Clock, epoch_seconds

CLAIM_TTL_S: Final = 30 * 24 * 3600
"""Longer than an event can wait: 14 days in its queue and 14 in the dead letters, from where it can be put back."""


def expiry(clock: Clock) -> int:
    """Epoch seconds until which a claim made now has to be kept: the `ttl` of `row`."""
    return epoch_seconds(clock.now()) + CLAIM_TTL_S


def row(table: str, consumer: str, event_id: str, ttl: int) -> dict[str, Any]:
    """One `Put` for TransactWriteItems that fails when `consumer` has claimed the event before.

    `consumer` names the effect, not the process: two effects of one event are two consumers.
    """
    item = {"pk": f"CLAIM#{consumer}#{event_id}", "sk": "CLAIM", "ttl": ttl, "v": 1}
    return {"Put": {"TableName": table, "Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}}


def is_claimed(error: ClientError, position: int) -> bool:
    """Whether a cancelled transaction failed on the claim that stood at `position` of its items."""
    reasons = error.response.get("CancellationReasons", [])
    return position < len(reasons) and reasons[position].get("Code") == "ConditionalCheckFailed"
