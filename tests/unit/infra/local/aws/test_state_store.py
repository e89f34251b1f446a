"""The state file: committed changes are stored, failed ones are not."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.aws.state.store import Changes, ItemKey, StateStore

NAMES = st.sampled_from(["a", "b", "ü\x00", ""])
KEYS = st.tuples(st.sampled_from(["t1", "t2"]), NAMES, NAMES)
ITEMS = st.dictionaries(NAMES, st.fixed_dictionaries({"S": st.text(max_size=5)}), max_size=2)
CHANGES = st.builds(
    Changes,
    documents=st.dictionaries(st.sampled_from(["sqs", "cognito"]), st.text(max_size=5), max_size=2),
    emptied_tables=st.frozensets(st.sampled_from(["t1", "t2"]), max_size=1),
    items=st.dictionaries(KEYS, st.none() | ITEMS, max_size=5),
)


def items(store: StateStore) -> dict[ItemKey, dict[str, Any]]:
    return {(table, pk, sk): item for table in store.table_ids() for pk, sk, item in store.items(table)}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(CHANGES, max_size=6))
def test_after_a_restart_the_state_is_that_of_all_commits(tmp_path: Path, history: list[Changes]) -> None:
    path = tmp_path / "state.sqlite3"
    path.unlink(missing_ok=True)
    documents: dict[str, str] = {}
    expected: dict[ItemKey, dict[str, Any]] = {}
    store = StateStore(path)
    for changes in history:
        store.commit(changes)
        documents |= changes.documents
        expected = {key: item for key, item in expected.items() if key[0] not in changes.emptied_tables}
        expected |= {key: item for key, item in changes.items.items() if item is not None}
        expected = {key: item for key, item in expected.items() if changes.items.get(key, item) is not None}
    store.close()
    again = StateStore(path)
    assert items(again) == expected
    assert {name: again.document(name) for name in ("sqs", "cognito")} == {
        name: documents.get(name) for name in ("sqs", "cognito")
    }
    again.close()


def test_failed_commit_changes_nothing(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.sqlite3")
    old, new = {"a": {"S": "old"}}, {"a": {"S": "new"}}
    store.commit(Changes({"sqs": "old"}, frozenset(), {("t", "p", "s"): old}))
    unwritable = "\ud800"  # cannot be encoded as UTF-8
    broken = Changes({"sqs": "new"}, frozenset({"t"}), {("t", "p", "s"): new, ("t", "p", unwritable): new})
    with pytest.raises(UnicodeEncodeError):
        store.commit(broken)
    assert store.document("sqs") == "old"
    assert items(store) == {("t", "p", "s"): old}
    store.commit(Changes({"sqs": "next"}))
    assert store.document("sqs") == "next"
    store.close()


def test_state_file_can_be_opened_by_one_process_only(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.sqlite3")
    store.commit(Changes({"sqs": "mine"}))
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        StateStore(tmp_path / "state.sqlite3")
    store.close()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (Changes(), False),
        (Changes(documents={"sqs": "x"}), True),
        (Changes(emptied_tables=frozenset({"t"})), True),
        (Changes(items={("t", "p", "s"): None}), True),
    ],
)
def test_changes_are_falsy_if_empty(changes: Changes, *, expected: bool) -> None:
    assert bool(changes) is expected
