"""`python -m tests.lambdas`: packages behind the real web adapter, and consumers by AWS's own runtime."""

import sys

import pytest

from infra.local.lambdas.tools import NoCargoError, adapter, runtime_client
from infra.local.suites.table import find_chromium
from infra.setup.commands import CannotSetUpError
from tests.lambdas.measurements import measure
from tests.lambdas.settings import LambdaSettings


def main(settings: LambdaSettings) -> int:
    try:
        print("the web adapter (built once, some minutes) and the runtime client", flush=True)
        adapter()
        runtime_client()
    except (NoCargoError, CannotSetUpError) as missing:
        print(f"make test-lambda: skipped: {missing} (counts as not met)")
        return 1 if settings.require_lambda else 0
    if find_chromium() is None:
        print("make test-lambda: tests with a browser are skipped, no Chromium on PATH (counts as not met)")
        if settings.require_lambda:
            return 1
    failed = pytest.main(["-q", "--durations=5", "tests/lambdas"])
    if failed:
        print("make test-lambda: failed")
        return int(failed)
    print("\n".join(measure(settings)))
    print("make test-lambda: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(LambdaSettings()))
