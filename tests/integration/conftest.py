"""The tests of a folder share processes, so each folder runs in one worker; the longest folders start first."""

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

_LONGEST = ("whole_system", "chat", "local_system", "telemetry")


class FolderScheduling(LoadScopeScheduling):
    # Not `--dist loadgroup`: pytest 9.2 does not show the name of the group that xdist 3.8 writes into an item.
    def _split_scope(self, nodeid: str) -> str:
        return _folder(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # the order below, not the number of tests
    return FolderScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(_folder(item.nodeid)))


def _folder(nodeid: str) -> str:
    """The folder below `tests/integration`; for tests elsewhere, the file."""
    file = nodeid.split("::", maxsplit=1)[0]
    below = file.removeprefix("tests/integration/")
    return file if below == file else below.partition("/")[0]


def _rank(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)
