"""DynamoDB tables in memory with the keys `pk` and `sk`, with conditions, transactions and pages as in DynamoDB."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import accumulate
from typing import Any

from tests.fakes.dynamodb_expressions import Expression, Item
from tests.fakes.faults import Faults, aws_error

MAX_IN_TRANSACTION = 100
MAX_IN_BATCH = 25
MAX_ITEM_BYTES = 400 * 1024
MAX_PAGE_BYTES = 1024 * 1024
PAGES_IN_BATCH = 16  # a BatchGetItem returns up to 16 MB, a Query up to 1 MB
Key = tuple[str, str]


class FakeDynamoDb(Faults):
    """A table is created when it is first used. Parameters and results have the names of the AWS API.

    `indexes`: name of a local index → its sort attribute. `page_bytes`: the size limit of a query's page before its
    filter; `pytest --dynamodb-page-bytes` sets it for all tests. `page_items`: the limit in items, for a query without
    a limit of its own. `lags`: a read that is not consistent returns each item as it was before its last write.
    """

    page_bytes = MAX_PAGE_BYTES

    def __init__(self, indexes: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._tables: dict[str, dict[Key, Item]] = defaultdict(dict)
        self._before: dict[str, dict[Key, Item]] = defaultdict(dict)
        self._completed: dict[str, str] = {}
        self._indexes = dict(indexes or {})
        self.page_items: int | None = None
        self.lags = False

    def items(self, table: str) -> list[Item]:
        """All items of the table, ordered by key."""
        return [item for _, item in sorted(self._tables[table].items())]

    async def put_item(self, **request: Any) -> dict[str, Any]:
        self._called("put_item")
        return self._write_one("Put", request)

    async def update_item(self, **request: Any) -> dict[str, Any]:
        self._called("update_item")
        return self._write_one("Update", request)

    async def delete_item(self, **request: Any) -> dict[str, Any]:
        self._called("delete_item")
        return self._write_one("Delete", request)

    async def get_item(self, **request: Any) -> dict[str, Any]:
        self._called("get_item")
        item = self._visible_items(request["TableName"], request).get(_key(request["Key"]))
        return {"Item": deepcopy(item)} if item is not None else {}

    def _visible_items(self, table: str, request: Mapping[str, Any]) -> dict[Key, Item]:
        if request.get("ConsistentRead") or not self.lags:
            return self._tables[table]
        visible = self._tables[table] | self._before[table]
        return {key: item for key, item in visible.items() if item}

    async def query(self, **request: Any) -> dict[str, Any]:
        self._called("query")
        read = Expression(request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"))
        forward = request.get("ScanIndexForward", True)
        ordered = sorted(self._sorted_by(request), key=lambda each: each[0], reverse=not forward)
        matching = [(key, item) for key, item in ordered if read.holds(request["KeyConditionExpression"], item)]
        if start := request.get("ExclusiveStartKey"):
            after = self._sort_position(request, start)
            matching = [(key, item) for key, item in matching if (key > after if forward else key < after)]
        limit = request.get("Limit", self.page_items)
        page = [item for _, item in matching[:limit]]
        page, cut = page[: (fitting := _fitting_count(page, self.page_bytes))], fitting < len(page)
        found = [item for item in page if read.holds(request.get("FilterExpression"), item)]
        answer: dict[str, Any] = {"Items": [_projected(item, request) for item in found], "ScannedCount": len(page)}
        answer["Count"] = len(answer["Items"])
        if cut or (limit and len(page) == limit):  # DynamoDB returns it at the limit, even when no item follows
            named = {"pk", "sk", self._sort_key(request)}
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in named}
        return answer

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator(getattr(self, operation))

    def _sort_key(self, request: Mapping[str, Any]) -> str:
        return self._indexes[request["IndexName"]] if "IndexName" in request else "sk"

    def _sorted_by(self, request: Mapping[str, Any]) -> list[tuple[Key, Item]]:
        """The table, or its index: items without the index's attribute are not in it."""
        items = self._visible_items(request["TableName"], request).values()
        return [(self._sort_position(request, item), item) for item in items if self._sort_key(request) in item]

    def _sort_position(self, request: Mapping[str, Any], item: Mapping[str, Any]) -> Key:
        return item["pk"]["S"], item[self._sort_key(request)]["S"]

    async def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._called("batch_get_item")
        found: dict[str, list[Item]] = {}
        unprocessed: dict[str, dict[str, Any]] = {}
        space = self.page_bytes * PAGES_IN_BATCH
        for table, requested in RequestItems.items():
            visible = self._visible_items(table, requested)
            items = [visible.get(_key(key), {}) for key in requested["Keys"]]
            fitting = _fitting_count(items, space)
            space = max(0, space - sum(map(_size, items[:fitting])))
            found[table] = [deepcopy(item) for item in items[:fitting] if item]
            if fitting < len(items):
                unprocessed[table] = {**requested, "Keys": requested["Keys"][fitting:]}
        return {"Responses": found, "UnprocessedKeys": unprocessed}

    async def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:  # noqa: N803
        self._called("batch_write_item")
        if not 1 <= sum(len(writes) for writes in RequestItems.values()) <= MAX_IN_BATCH:
            raise aws_error("ValidationException", "BatchWriteItem")
        for table, writes in RequestItems.items():
            for write in writes:
                if "PutRequest" in write:
                    self._put(table, _key(write["PutRequest"]["Item"]), deepcopy(dict(write["PutRequest"]["Item"])))
                else:
                    self._put(table, _key(write["DeleteRequest"]["Key"]), None)
        return {"UnprocessedItems": {}}

    async def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Mapping[str, Any]],  # noqa: N803
        ClientRequestToken: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        self._called("transact_write_items")
        if ClientRequestToken and self._is_repeated(ClientRequestToken, TransactItems):
            return {}
        operations = [next(iter(each.items())) for each in TransactItems]
        touched = [(request["TableName"], _key(request.get("Key") or request["Item"])) for _, request in operations]
        if not 1 <= len(operations) <= MAX_IN_TRANSACTION or len(set(touched)) != len(touched):
            raise aws_error("ValidationException", "TransactWriteItems")
        reasons = [self._reason(request) for _, request in operations]
        if any(reason["Code"] != "None" for reason in reasons):
            raise aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        for name, request in operations:
            self._apply(name, request)
        if ClientRequestToken:
            self._completed[ClientRequestToken] = json.dumps(TransactItems, default=str)
        return {}

    def _is_repeated(self, token: str, items: Sequence[Mapping[str, Any]]) -> bool:
        if token not in self._completed:
            return False
        if self._completed[token] != json.dumps(items, default=str):
            raise aws_error("IdempotentParameterMismatchException", "TransactWriteItems")
        return True

    def _write_one(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        reason = self._reason(request)
        if reason["Code"] != "None":
            old_item = {"Item": reason["Item"]} if "Item" in reason else {}
            raise aws_error("ConditionalCheckFailedException", f"{name}Item", **old_item)
        old, new = self._apply(name, request)
        match request.get("ReturnValues", "NONE"):
            case "ALL_OLD":
                return {"Attributes": deepcopy(old)} if old else {}
            case "ALL_NEW":
                return {"Attributes": deepcopy(new)}
            case "UPDATED_NEW":
                return {"Attributes": {key: value for key, value in (new or {}).items() if old.get(key) != value}}
            case _:
                return {}

    def _reason(self, request: Mapping[str, Any]) -> dict[str, Any]:
        old = self._tables[request["TableName"]].get(_key(request.get("Key") or request["Item"]), {})
        read = Expression(request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"))
        met = read.holds(request.get("ConditionExpression"), old)
        read.updated(request.get("UpdateExpression"), old) if met else None
        if met:
            read.close()
            return {"Code": "None"}
        shown = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and old
        return {"Code": "ConditionalCheckFailed", **({"Item": deepcopy(old)} if shown else {})}

    def _apply(self, name: str, request: Mapping[str, Any]) -> tuple[Item, Item | None]:
        table = request["TableName"]
        key = _whole_key(request["Key"]) if "Key" in request else _key(request["Item"])
        old = self._tables[table].get(key, {})
        if name == "ConditionCheck":
            return old, old
        if name == "Delete":
            self._put(table, key, None)
            return old, None
        if name == "Put":
            new = deepcopy(dict(request["Item"]))
        else:
            read = Expression(request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"))
            updated = read.updated(request.get("UpdateExpression"), old) | dict(request["Key"])
            new = {
                name: value for name, value in updated.items() if value != {"SS": []}
            }  # DynamoDB removes an empty set
        if _size(new) > MAX_ITEM_BYTES:
            raise aws_error("ValidationException", f"{name}Item")
        self._put(table, key, new)
        return old, new

    def _put(self, table: str, key: Key, item: Item | None) -> None:
        """Replace the item; `None` deletes it."""
        self._before[table][key] = self._tables[table].pop(key, {})
        if item is not None:
            self._tables[table][key] = item


def _fitting_count(items: Iterable[Item], space: int) -> int:
    """The number of items that fit into the response: at least one, so that the next page always makes progress."""
    sizes = list(accumulate(map(_size, items)))
    return max(1, sum(size <= space for size in sizes)) if sizes else 0


def _size(item: Item) -> int:
    """Approximately as DynamoDB computes it: names and values in UTF-8."""
    return len(json.dumps(item, ensure_ascii=False, default=str).encode())


def _key(item: Mapping[str, Any]) -> Key:
    if "S" not in item.get("pk", {}) or "S" not in item.get("sk", {}) or not item["pk"]["S"] or not item["sk"]["S"]:
        raise aws_error("ValidationException", "Key")
    return item["pk"]["S"], item["sk"]["S"]


def _whole_key(key: Mapping[str, Any]) -> Key:
    if key.keys() != {"pk", "sk"}:
        raise aws_error("ValidationException", "Key")
    return _key(key)


def _projected(item: Item, request: Mapping[str, Any]) -> Item:
    if "ProjectionExpression" not in request:
        return deepcopy(item)
    known = request.get("ExpressionAttributeNames", {})
    projected_names = [name.strip() for name in request["ProjectionExpression"].split(",")]
    names = {known.get(name, name) for name in projected_names}
    return deepcopy({name: value for name, value in item.items() if name in names})


class _Paginator:
    """A paginator like botocore's."""

    def __init__(self, operation: Callable[..., Coroutine[Any, Any, dict[str, Any]]]) -> None:
        self._operation = operation

    async def paginate(self, **request: Any) -> AsyncIterator[dict[str, Any]]:
        while True:
            page = await self._operation(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
