"""Analytics' table.

`<KIND>#<principal>/INV#<started>#<id>` the ledger: one row per invocation, sorted by time within its payer ·
`INV#<id>/LEDGER` the pointer to that row, with the row's revision
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from services.analytics.domain import InvocationUsage, LedgerRow, Payer
from shared.aws import from_item, to_item
from shared.events.envelope import Envelope
from shared.persistence.transactions import Conflict, Write
from shared.persistence.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ITEM_VERSION: Final = 1
_USAGE_ATTRIBUTES: Final = (
    "started_at",
    "model",
    "state",
    "basis",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost_nano_usd",
)


class RevisionConflictError(Exception):
    """Another revision of the same invocation was written since its pointer was read."""


class RowPointer(NamedTuple):
    """The key of an invocation's row, and the revision that the row holds."""

    pk: str
    sk: str
    revision: int


class LedgerTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def find_pointer(self, invocation_id: str) -> RowPointer | None:
        """The pointer to the invocation's row; None when there is no row."""
        answer = await self._dynamodb.get_item(
            TableName=self._table, Key=_pointer_key(invocation_id), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        item = from_item(answer["Item"])
        return RowPointer(item["at_pk"], item["at_sk"], item["revision"])

    async def replace(self, row: LedgerRow, previous: RowPointer | None) -> None:
        """Write the row instead of the one at `previous`, from `find_pointer`. Raises RevisionConflictError."""
        key = row_key(row)
        uow = UnitOfWork(self._dynamodb, self._table, _publish_nothing)
        uow.put("pointer", self._pointer(row, previous))
        uow.put("row", self._put(key | row.model_dump(mode="json")))
        if previous and (previous.pk, previous.sk) != (key["pk"], key["sk"]):
            old = to_item({"pk": previous.pk, "sk": previous.sk})
            uow.put("old row", {"Delete": {"TableName": self._table, "Key": old}})
        try:
            await uow.commit()
        except Conflict:
            raise RevisionConflictError from None

    async def pages(self, payer: Payer, begin: datetime, end: datetime) -> AsyncIterator[Sequence[InvocationUsage]]:
        """Usage of the payer's invocations that started from `begin` until before `end`, a page at a time."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :begin AND :end",
            "ExpressionAttributeValues": to_item(
                {":pk": _payer(payer), ":begin": f"INV#{_stamp(begin)}", ":end": f"INV#{_stamp(end)}"}
            ),
            "ProjectionExpression": ", ".join(f"#{name}" for name in _USAGE_ATTRIBUTES),
            "ExpressionAttributeNames": {f"#{name}": name for name in _USAGE_ATTRIBUTES},
        }
        while True:
            answer = await self._dynamodb.query(**query)
            yield [_usage(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _pointer(self, row: LedgerRow, previous: RowPointer | None) -> Write:
        key = row_key(row)
        pointer = {"pk": f"INV#{row.invocation_id}", "sk": "LEDGER", "at_pk": key["pk"], "at_sk": key["sk"]}
        put = self._put(pointer | {"revision": row.revision})
        put["Put"]["ConditionExpression"] = "revision = :known" if previous else "attribute_not_exists(pk)"
        if previous:
            put["Put"]["ExpressionAttributeValues"] = to_item({":known": previous.revision})
        return put

    def _put(self, item: dict[str, Any]) -> Write:
        return {"Put": {"TableName": self._table, "Item": to_item(item | {"v": _ITEM_VERSION})}}


def _publish_nothing(_events: Sequence[Envelope]) -> None:
    """Analytics emits no events."""


def row_key(row: LedgerRow) -> dict[str, str]:
    return {"pk": _payer(row.payer), "sk": f"INV#{_stamp(row.started_at)}#{row.invocation_id}"}


def _pointer_key(invocation_id: str) -> dict[str, Any]:
    return to_item({"pk": f"INV#{invocation_id}", "sk": "LEDGER"})


def _payer(payer: Payer) -> str:
    return f"{payer.kind.upper()}#{payer.id}"


def _stamp(moment: datetime) -> str:
    """A text in UTC, always to the microsecond, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _usage(item: dict[str, Any]) -> InvocationUsage:
    row = from_item(item)
    return InvocationUsage(
        started_at=datetime.fromisoformat(row["started_at"]),
        model=row["model"],
        settled=row["state"] == "settled",
        estimated=row.get("basis") == "estimated",
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cache_read_tokens=row["cache_read_tokens"],
        cache_write_tokens=row["cache_write_tokens"],
        cost_nano_usd=row["cost_nano_usd"],
    )
