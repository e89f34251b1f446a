"""`python -m infra.local.suites [name …]`: all suites, or those named."""

import sys
from pathlib import Path

from infra.local.suites.runner import run
from infra.local.suites.settings import SuiteSettings
from infra.local.suites.table import SUITES, suite

_REPOSITORY = Path(__file__).resolve().parents[3]


def main(names: list[str]) -> int:
    try:
        chosen = [suite(name) for name in names] or list(SUITES)
    except KeyError as unknown:
        print(f"make test: there is no suite {unknown}; there are {', '.join(each.name for each in SUITES)}")
        return 2
    try:
        return run(chosen, _REPOSITORY, require_browser=SuiteSettings().require_e2e)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
