"""The suites of `make test`. Fast ones come first, so that most failures show early."""

import shutil
from dataclasses import dataclass
from typing import Final

from infra.local.suites.settings import SuiteSettings

_PYTEST: Final = ("pytest", "-q", "--durations=5")
# All tests of a file run in one process.
_ON_TWO_CORES: Final = ("-n", "2", "--dist", "loadfile")
# Three processes on two cores, because these tests mostly wait. All tests of a folder run in one process, which has its
# own embedded AWS.
_SIDE_BY_SIDE: Final = ("-n", "3")
# Runs the tests of code that reads tables again, with pages of 1 KB. A query that reads only one page fails here.
_IN_SMALL_PAGES: Final = (
    "--dynamodb-page-bytes=1024",
    "--ignore=tests/unit/shared/llm/bedrock",
    "tests/unit/fakes",
    "tests/unit/services",
    "tests/unit/shared/aws",
    "tests/unit/shared/events/consumer/test_claims.py",
    "tests/unit/shared/events/outbox/test_relay.py",
    "tests/unit/shared/events/outbox/test_relay_loses_nothing.py",
    "tests/unit/shared/host/test_lambda_relay.py",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Suite:
    """`commands` run one after the other in `folder`; Python programs are those of `.venv`."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    folder: str = "."
    needs_browser: bool = False


SUITES: Final = (
    Suite("lint", (("ruff", "check"), ("ruff", "format", "--check"))),
    Suite("types", (("mypy",),)),
    Suite("imports", (("lint-imports",),)),
    Suite("validate", (("cfn-lint", "infra/sam/*.yaml"),)),
    Suite("unit", ((*_PYTEST, *_ON_TWO_CORES, "tests/unit"), (*_PYTEST, *_ON_TWO_CORES, *_IN_SMALL_PAGES))),
    Suite("contract", ((*_PYTEST, *_ON_TWO_CORES, "tests/contract"),)),
    Suite(
        "frontend",
        (("npm", "run", "--silent", "check"), ("npm", "test"), ("npm", "run", "--silent", "generate:check")),
        folder="frontend",
    ),
    Suite("integration", ((*_PYTEST, *_SIDE_BY_SIDE, "tests/integration"),)),
    Suite("e2e", ((*_PYTEST, *_ON_TWO_CORES, "tests/e2e"),), needs_browser=True),
)


def suite(name: str) -> Suite:
    """Raises KeyError for a name that is not in the table."""
    return {each.name: each for each in SUITES}[name]


def is_possible(wanted: Suite) -> bool:
    """False only for a suite that needs a browser, on a machine without Chromium."""
    return not wanted.needs_browser or find_chromium() is not None


def find_chromium() -> str | None:
    """`CHROMIUM_PATH` if it is a program, else the first on PATH."""
    given = SuiteSettings().chromium_path
    candidates = [str(given)] if given else _NAMES
    return next((found for name in candidates if (found := shutil.which(name))), None)
