"""Who occupies what: `USER#<sub>/RUNNING` holds the ids of running turns, and a lease for each open stream.

One item for both, so that the start of a turn counts the turn and seats its stream by one write of its transaction.
A lease is known by its end: ends of one place only grow, so whoever reads his own there still has it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.chat.domain.stream_lease import Caller, SlotUsage, StreamLease
from shared.aws import to_item, to_value
from shared.persistence.transactions import Write

_PLACE: Final = "place_"
_NOT_TOO_MANY: Final = "(attribute_not_exists(turns) OR size(turns) < :most)"


class ConcurrencyItems:
    def __init__(self, table: str) -> None:
        self._table = table

    def taken(
        self, occupant: Caller, turn_id: str | None, most_turns: int, seat: StreamLease | None, now: int
    ) -> Write:
        """One more turn, one more stream, or both. When it must not be, the refusal shows what is `occupied`."""
        values: dict[str, Any] = {":v": 1}
        changes, conditions = ["SET v = :v"], []
        if seat is not None:
            changes[0] += f", {_PLACE}{seat.place} = :until"
            conditions.append(f"(attribute_not_exists({_PLACE}{seat.place}) OR {_PLACE}{seat.place} <= :now)")
            values |= {":until": seat.until, ":now": now}
        if turn_id is not None:
            changes.append("ADD turns :turn")
            conditions.append(_NOT_TOO_MANY)
            values |= {":turn": {turn_id}, ":most": most_turns}
        return self._update(occupant, " ".join(changes), values, " AND ".join(conditions))

    def turns_gone(self, occupant: Caller, turn_ids: Iterable[str]) -> Write:
        """They run no more. Always holds, so that it fits into every end of a turn."""
        return self._update(occupant, "DELETE turns :turns", {":turns": set(turn_ids)})

    def renewed(self, seats: Sequence[StreamLease], until: int) -> Write:
        """All of one occupant's, which must all be held still; a refusal shows what is `occupied`."""
        changes = ", ".join(f"{_PLACE}{seat.place} = :until" for seat in seats)
        return self._held(seats, f"SET {changes}", {":until": until})

    def left(self, seat: StreamLease) -> Write:
        return self._held([seat], f"REMOVE {_PLACE}{seat.place}", {})

    def _held(self, seats: Sequence[StreamLease], change: str, values: Mapping[str, Any]) -> Write:
        conditions = " AND ".join(f"{_PLACE}{seat.place} = :at_{seat.place}" for seat in seats)
        held = {f":at_{seat.place}": seat.until for seat in seats}
        return self._update(seats[0].occupant, change, {**values, **held}, conditions)

    def _update(self, occupant: Caller, change: str, values: Mapping[str, Any], condition: str = "") -> Write:
        conditional = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(occupant),
                "UpdateExpression": change,
                "ExpressionAttributeValues": {name: to_value(value) for name, value in values.items()},
                **(conditional if condition else {}),
            }
        }


def slot_usage(item: Mapping[str, Any] | None) -> SlotUsage:
    """What the item says that stood in a write's way."""
    held = item or {}
    leases = {int(name.removeprefix(_PLACE)): until for name, until in held.items() if name.startswith(_PLACE)}
    return SlotUsage(frozenset(held.get("turns", ())), leases)


def _key(occupant: Caller) -> dict[str, Any]:
    kind = "" if occupant.kind == "user" else f"#{occupant.kind}"
    return to_item({"pk": f"USER#{occupant.subject}", "sk": f"RUNNING{kind}"})
