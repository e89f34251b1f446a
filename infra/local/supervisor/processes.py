"""Finds and ends the processes of a state folder. Each has the folder's path in an environment variable.

It reads `/proc`. On systems without it (macOS) it finds no processes, and only supervisord ends them.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

MARK = "COLLOQUY_RUNS_IN"
_PROC = Path("/proc")
_POLL_SECONDS = 0.05
_PARENT_FIELD = 1  # of /proc/<pid>/stat, counted after the name


def marked(state: Path) -> set[int]:
    """Processes that a `make up` on this state folder started, this process excepted."""
    mark = f"{MARK}={state.resolve()}".encode()
    return {pid for pid in _pids() if pid != os.getpid() and mark in _environment(pid)}


def children(parent: int) -> set[int]:
    return {pid for pid in _pids() if _parent(pid) == parent}


def is_alive(pid: int) -> bool:
    """False also for a zombie, a process that has ended and whose parent has not collected it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return b") Z " not in _read(_PROC / str(pid) / "stat")


def end(find: Callable[[], Iterable[int]], grace_seconds: float) -> int:
    """Send SIGTERM to all processes that `find` returns, and SIGKILL after the grace time. Returns their number."""
    asked: set[int] = set()
    deadline = time.monotonic() + grace_seconds
    while alive := {pid for pid in find() if is_alive(pid)}:
        is_late = time.monotonic() > deadline
        for pid in alive if is_late else alive - asked:
            _signal(pid, signal.SIGKILL if is_late else signal.SIGTERM)
        asked |= alive
        time.sleep(_POLL_SECONDS)
        _collect(alive)
    return len(asked)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _collect(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _pids() -> Iterable[int]:
    return [int(entry) for entry in os.listdir(_PROC) if entry.isdigit()] if _PROC.is_dir() else []  # noqa: PTH208


def _environment(pid: int) -> list[bytes]:
    return _read(_PROC / str(pid) / "environ").split(b"\0")


def _parent(pid: int) -> int:
    fields = _read(_PROC / str(pid) / "stat").rpartition(b")")[2].split()
    return int(fields[_PARENT_FIELD]) if len(fields) > _PARENT_FIELD else 0


def _read(file: Path) -> bytes:
    """Empty when the process has just ended or belongs to another user."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
