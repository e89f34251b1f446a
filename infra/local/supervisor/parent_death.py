"""`python -m infra.local.supervisor.parent_death <start file>` runs a program that ends when its parent process ends.

On Linux the kernel sends the program a SIGTERM when the parent ends for any reason. On other systems the next `make up`
ends programs that were left over.
"""

import ctypes
import json
import os
import signal
import sys
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(by: signal.Signals = signal.SIGTERM) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0)


def become_subreaper() -> None:
    """Make this process the parent of every descendant whose own parent has died."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def exec_program(start_file: str) -> NoReturn:
    with open(start_file, encoding="utf-8") as opened:  # noqa: PTH123 - pathlib would double this small program's start
        program = json.load(opened)
    die_with_parent()
    os.chdir(program["directory"])
    os.execvpe(program["argv"][0], program["argv"], program["environment"])  # noqa: S606 - the purpose of this module


if __name__ == "__main__":
    exec_program(sys.argv[1])
