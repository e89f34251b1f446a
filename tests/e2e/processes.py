"""Processes of a local system, found by the state folder in their environment."""

import os
import signal
from pathlib import Path

from tests.e2e.conftest import LocalSystem


def kill(system: LocalSystem, module: str) -> None:
    """Kill every `python -m <module>` of this system, and of no other, with SIGKILL."""
    found = [pid for pid in _ours(system) if f"-m\0{module}\0" in _read(f"/proc/{pid}/cmdline") + "\0"]
    assert found, f"{module} does not run"
    for pid in found:
        os.kill(pid, signal.SIGKILL)


def _ours(system: LocalSystem) -> list[int]:
    every = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in every if str(system.state) in _read(f"/proc/{pid}/environ")]


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
