"""`python -m infra.setup [python|frontend]`: installs what is missing or outdated."""

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from infra.setup import environments, frontend
from infra.setup.bytecode import compile_sources
from infra.setup.commands import CannotSetUpError, environment

_REPOSITORY = Path(__file__).resolve().parents[2]
_NEEDED_BYTES = 3 * 1024**3


def main(parts: list[str]) -> int:
    chosen = environment(_REPOSITORY, os.environ)
    try:
        with _alone():
            if "frontend" not in parts:
                for wanted in environments.ENVIRONMENTS:
                    if not environments.is_ready(_REPOSITORY, wanted):
                        _step(wanted.title, partial(environments.install, _REPOSITORY, wanted, chosen))
                compile_sources(_REPOSITORY)
            if "python" not in parts:
                if not frontend.has_packages(_REPOSITORY):
                    _step("packages of the web client", partial(frontend.install, _REPOSITORY, chosen))
                if not frontend.is_built(_REPOSITORY):
                    _step("web client", partial(frontend.build, _REPOSITORY, chosen))
    except (CannotSetUpError, OSError) as error:
        print(f"make setup: {error}", file=sys.stderr)
        return 1
    return 0


def _step(title: str, act: Callable[[], None]) -> None:
    if (free := shutil.disk_usage(_REPOSITORY).free) < _NEEDED_BYTES:
        raise CannotSetUpError(f"the disk is full: {free >> 20} MB free, {_NEEDED_BYTES >> 20} MB needed")
    started = time.monotonic()
    act()
    print(f"  {title:<44} {time.monotonic() - started:5.1f} s", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock, so that two set-ups of one checkout run one after the other."""
    (_REPOSITORY / ".tools").mkdir(exist_ok=True)
    with (_REPOSITORY / ".tools" / "setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
