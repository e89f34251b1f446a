"""`python -m infra.local.suites [name …]`: all suites, or those named."""

import sys
from datetime import UTC
from pathlib import Path

from infra.local.suites.runner import run
from infra.local.suites.settings import SuiteSettings
from infra.local.suites.table import SUITES, suite
from infra.models.report import warning_line
from shared.clock import SystemClock

_REPOSITORY = Path(__file__).resolve().parents[3]


def main(names: list[str]) -> int:
    try:
        chosen = [suite(name) for name in names] or list(SUITES)
    except KeyError as unknown:
        print(f"make test: there is no suite {unknown}; there are {', '.join(each.name for each in SUITES)}")
        return 2
    try:
        code = run(chosen, _REPOSITORY, require_browser=SuiteSettings().require_e2e)
    except KeyboardInterrupt:
        return 130
    # Told here and never by a test: a test that fails because time passes stops people who changed nothing.
    if not names and not code and (warning := warning_line(SystemClock().now().astimezone(UTC).date())):
        print(warning)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
