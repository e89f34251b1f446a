"""Limits per caller: `USER#<sub>/RUNNING` holds the ids of running turns, and a lease for each open stream.

Both are in one item, so that the start of a turn counts the turn and takes a slot for its stream by one write of its
transaction. A lease is recognised by its end: the ends of one slot only grow, so a process that still reads the end
that it wrote still holds the slot.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.chat.domain.stream_lease import Caller, SlotUsage, StreamLease
from shared.aws import to_item, to_value
from shared.persistence.transactions import Write

_SLOT: Final = "place_"  # of the stored attributes
_BELOW_LIMIT: Final = "(attribute_not_exists(turns) OR size(turns) < :most)"


class ConcurrencyItems:
    def __init__(self, table: str) -> None:
        self._table = table

    def take(self, caller: Caller, turn_id: str | None, most_turns: int, lease: StreamLease | None, now: int) -> Write:
        """Count one more turn, one more stream, or both. `now` is epoch ms.

        When a limit forbids it, the conflict carries the item; `slot_usage` reads it.
        """
        values: dict[str, Any] = {":v": 1}
        changes, conditions = ["SET v = :v"], []
        if lease is not None:
            changes[0] += f", {_SLOT}{lease.slot} = :until"
            conditions.append(f"(attribute_not_exists({_SLOT}{lease.slot}) OR {_SLOT}{lease.slot} <= :now)")
            values |= {":until": lease.until, ":now": now}
        if turn_id is not None:
            changes.append("ADD turns :turn")
            conditions.append(_BELOW_LIMIT)
            values |= {":turn": {turn_id}, ":most": most_turns}
        return self._update(caller, " ".join(changes), values, " AND ".join(conditions))

    def remove_turns(self, caller: Caller, turn_ids: Iterable[str]) -> Write:
        """Count these turns no longer. Has no condition, so that it fits into the end of every turn."""
        return self._update(caller, "DELETE turns :turns", {":turns": set(turn_ids)})

    def renew(self, leases: Sequence[StreamLease], until: int) -> Write:
        """Renew leases of one caller until `until` (epoch ms), if all of them still hold; else a conflict."""
        changes = ", ".join(f"{_SLOT}{lease.slot} = :until" for lease in leases)
        return self._update_held(leases, f"SET {changes}", {":until": until})

    def release(self, lease: StreamLease) -> Write:
        """Free the slot, if the lease still holds; else a conflict."""
        return self._update_held([lease], f"REMOVE {_SLOT}{lease.slot}", {})

    def _update_held(self, leases: Sequence[StreamLease], change: str, values: Mapping[str, Any]) -> Write:
        conditions = " AND ".join(f"{_SLOT}{lease.slot} = :at_{lease.slot}" for lease in leases)
        held = {f":at_{lease.slot}": lease.until for lease in leases}
        return self._update(leases[0].caller, change, {**values, **held}, conditions)

    def _update(self, caller: Caller, change: str, values: Mapping[str, Any], condition: str = "") -> Write:
        conditional = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(caller),
                "UpdateExpression": change,
                "ExpressionAttributeValues": {name: to_value(value) for name, value in values.items()},
                **(conditional if condition else {}),
            }
        }


def slot_usage(item: Mapping[str, Any] | None) -> SlotUsage:
    """Read the item that made a write conflict; a missing item means no usage."""
    attributes = item or {}
    leases = {int(name.removeprefix(_SLOT)): until for name, until in attributes.items() if name.startswith(_SLOT)}
    return SlotUsage(frozenset(attributes.get("turns", ())), leases)


def _key(caller: Caller) -> dict[str, Any]:
    kind = "" if caller.kind == "user" else f"#{caller.kind}"
    return to_item({"pk": f"USER#{caller.subject}", "sk": f"RUNNING{kind}"})
