"""Tracks which DynamoDB items changed since the last snapshot, by wrapping the functions that write items."""

from collections import defaultdict
from typing import Any

from infra.local.aws.state.store import ItemKey, StateStore

_STORES = {
    "tags": "_tags",
    "ttl_settings": "_ttl_settings",
    "pitr_settings": "_pitr_settings",
    "kinesis_destinations": "_kinesis_destinations",
    "contributor_insights": "_contributor_insights",
    "backups": "_backups",
    "resource_policies": "_resource_policies",
    "exports": "_exports",
    "imports": "_imports",
}


class ItemChanges:
    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._changed: set[ItemKey] = set()
        self._replaced: set[str] = set()
        self._known: frozenset[str] = store.table_ids()

    def track(self) -> None:
        """Start to record writes, and to leave items out of the service's own state document."""
        from ministack.services import dynamodb

        set_item, remove_item, items_replaced = dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced
        load = dynamodb.load_persisted_state

        def set_and_note(table: Any, pk: str, sk: str, item: Any) -> Any:
            self._changed.add((table["TableId"], pk, sk))
            return set_item(table, pk, sk, item)

        def remove_and_note(table: Any, pk: str, sk: str) -> Any:
            self._changed.add((table["TableId"], pk, sk))
            return remove_item(table, pk, sk)

        def replace_and_note(table: Any) -> None:
            self._replaced.add(table["TableId"])
            items_replaced(table)

        def load_with_items(state: Any) -> None:
            load(state)
            for table in dynamodb._tables.all_values():
                self._fill(table)
                items_replaced(table)

        dynamodb._set_item, dynamodb._remove_item = set_and_note, remove_and_note
        dynamodb._items_replaced = replace_and_note
        dynamodb.load_persisted_state = load_with_items
        dynamodb.get_state = lambda: _state_without_items(dynamodb)

    def _fill(self, table: Any) -> None:
        table["items"] = defaultdict(dict)
        for pk, sk, item in self._store.items(table["TableId"]):
            table["items"][pk][sk] = item

    def take(self) -> tuple[frozenset[str], dict[ItemKey, dict[str, Any] | None]]:
        """Return the tables to empty first and the items to write or remove (None). Then forget these changes."""
        from ministack.services import dynamodb

        changed, self._changed = self._changed, set()
        replaced, self._replaced = self._replaced, set()
        tables = {table["TableId"]: table for table in dynamodb._tables.all_values()}
        dropped = self._known - tables.keys()
        self._known = frozenset(tables)
        for table_id in replaced & tables.keys():
            changed |= {(table_id, pk, sk) for pk, items in tables[table_id]["items"].items() for sk in items}
        items = {
            (table_id, pk, sk): tables[table_id]["items"].get(pk, {}).get(sk)
            for table_id, pk, sk in changed
            if table_id in tables
        }
        return dropped | replaced, items


def _state_without_items(dynamodb: Any) -> dict[str, Any]:
    """Ministack's `get_state` without items. It does not copy, because the result is serialised at once."""
    tables = type(dynamodb._tables)()
    for (account, region, name), table in dynamodb._tables.all_items():
        described = {key: value for key, value in table.items() if key != dynamodb._INDEX_MEMBERS}
        tables.set_scoped(account, region, name, {**described, "items": {}})
    return {"tables": tables} | {key: getattr(dynamodb, name) for key, name in _STORES.items()}
