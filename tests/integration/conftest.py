"""A folder's tests share their processes: it stays in one worker, and the longest folders begin first."""

from pathlib import Path

import pytest

_LONGEST = ("house", "local_system", "chat")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_folder(item, here)))
    items.sort(key=lambda item: _place(_folder(item, here)))


def _folder(item: pytest.Item, here: Path) -> str:
    return item.path.relative_to(here).parts[0]


def _place(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)
