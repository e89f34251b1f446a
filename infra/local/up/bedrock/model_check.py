"""Runs `usable_models` beside the start of the system, and prints what it found before the page's address is printed.

It is a process of its own, with the environment of the process that calls models. So it finds the same credentials in
the same way, and a profile whose helper program hangs can be ended. Nothing here stops `make up`.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from infra.local.supervisor.supervisord_config import Program
from infra.local.up.errors import CannotStartError

LIMIT_S: Final = 10.0
"""How long the check may take in all."""
_FAILED: Final = "  Which models may be used is not known: the check failed or took too long; its log is {log}"


@contextmanager
def model_check(program: Program | None, log: Path, *, limit_s: float = LIMIT_S) -> Iterator[None]:
    """Check while the block runs, and print the result at its end, also if it fails: this may be the reason.

    `program`: None if there is nothing to check. `log`: file for what it writes to stderr.
    """
    if program is None:
        yield
        return
    deadline = time.monotonic() + limit_s
    process = _started(program, log)
    try:
        yield
    except CannotStartError:
        _print(process, deadline, log)
        raise
    else:
        _print(process, deadline, log)
    finally:
        _end(process)


def _started(program: Program, log: Path) -> subprocess.Popen[str] | None:
    try:
        with log.open("wb") as errors:
            return subprocess.Popen(  # noqa: S603 - our own program
                program.argv,
                cwd=program.directory,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # so that no helper of a profile can ask at the terminal, and all can be ended
            )
    except OSError:
        return None


def _print(process: subprocess.Popen[str] | None, deadline: float, log: Path) -> None:
    found = ""
    if process is not None:
        has_ended = process.poll() is not None  # `communicate` would not look if no time is left
        with suppress(subprocess.TimeoutExpired):
            found, _ = process.communicate(timeout=None if has_ended else max(0, deadline - time.monotonic()))
    print(found.rstrip() or _FAILED.format(log=log), flush=True)


def _end(process: subprocess.Popen[str] | None) -> None:
    if process is not None and process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
