"""Analytics' table.

`<KIND>#<principal>/INV#<started>#<id>` the ledger: one row per invocation, beside the payer's others by time ·
`INV#<id>/LEDGER` where that row is, and which revision it holds
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from services.analytics.domain import LedgerRow, Payer, Used
from shared.aws import from_item, to_item
from shared.persistence.transactions import Cancelled, Write, transact

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_ITEM_VERSION: Final = 1
_READ: Final = (
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
    """Another revision of the same invocation was written in between, again and again."""


class LedgerTable:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def place_of(self, invocation_id: str) -> dict[str, Any] | None:
        """Where the invocation's row is (`at_pk`, `at_sk`) and its `revision`; None when it has none."""
        answer = await self._dynamodb.get_item(
            TableName=self._table, Key=_place_key(invocation_id), ConsistentRead=True
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    async def replace(self, row: LedgerRow, known: dict[str, Any] | None) -> None:
        """Write the row in the place of `known`, which is what `place_of` gave. Raises OvertakenError."""
        key = row_key(row)
        writes = [self._place(row, known), self._put(key | row.model_dump(mode="json"))]
        if known and (known["at_pk"], known["at_sk"]) != (key["pk"], key["sk"]):
            old = to_item({"pk": known["at_pk"], "sk": known["at_sk"]})
            writes.append({"Delete": {"TableName": self._table, "Key": old}})
        try:
            await transact(self._dynamodb, writes)
        except Cancelled:
            raise RevisionConflictError from None

    async def pages(self, payer: Payer, begin: datetime, end: datetime) -> AsyncIterator[Sequence[Used]]:
        """What the payer's invocations used that started from `begin` until before `end`, a page at a time."""
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :begin AND :end",
            "ExpressionAttributeValues": to_item(
                {":pk": _payer(payer), ":begin": f"INV#{_stamp(begin)}", ":end": f"INV#{_stamp(end)}"}
            ),
            "ProjectionExpression": ", ".join(f"#{name}" for name in _READ),
            "ExpressionAttributeNames": {f"#{name}": name for name in _READ},
        }
        while True:
            answer = await self._dynamodb.query(**query)
            yield [_used(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _place(self, row: LedgerRow, known: dict[str, Any] | None) -> Write:
        key = row_key(row)
        place = {"pk": f"INV#{row.invocation_id}", "sk": "LEDGER", "at_pk": key["pk"], "at_sk": key["sk"]}
        put = self._put(place | {"revision": row.revision})
        put["Put"]["ConditionExpression"] = "revision = :known" if known else "attribute_not_exists(pk)"
        if known:
            put["Put"]["ExpressionAttributeValues"] = to_item({":known": known["revision"]})
        return put

    def _put(self, item: dict[str, Any]) -> Write:
        return {"Put": {"TableName": self._table, "Item": to_item(item | {"v": _ITEM_VERSION})}}


def row_key(row: LedgerRow) -> dict[str, str]:
    return {"pk": _payer(row.payer), "sk": f"INV#{_stamp(row.started_at)}#{row.invocation_id}"}


def _place_key(invocation_id: str) -> dict[str, Any]:
    return to_item({"pk": f"INV#{invocation_id}", "sk": "LEDGER"})


def _payer(payer: Payer) -> str:
    return f"{payer.kind.upper()}#{payer.id}"


def _stamp(moment: datetime) -> str:
    """Sorts as the moments do: UTC, always to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _used(item: dict[str, Any]) -> Used:
    row = from_item(item)
    return Used(
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
