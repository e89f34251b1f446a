"""Runs external tools. Their output is shown only when they fail."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_TAIL_LINES = 12


class CannotSetUpError(Exception):
    """The message is one line that says what is missing and how to get it."""


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run the command and return its output. Raises CannotSetUpError if it is missing or fails, with its last lines."""
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise CannotSetUpError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-_TAIL_LINES:])
        raise CannotSetUpError(f"{_disk_full_hint(done.stdout)}{' '.join(command[:4])} failed:\n{tail}")
    return done.stdout


def environment(repository: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tools. Without a writable home folder, caches go into the checkout."""
    chosen = {**inherited, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_UPDATE_NOTIFIER": "1"}
    chosen.pop("VIRTUAL_ENV", None)
    home = inherited.get("HOME", "")
    if not (home and os.access(home, os.W_OK)):
        cache = repository / ".tools" / "cache"
        chosen.setdefault("UV_CACHE_DIR", str(cache / "uv"))
        chosen.setdefault("npm_config_cache", str(cache / "npm"))
        chosen.setdefault("PIP_CACHE_DIR", str(cache / "pip"))
    return chosen


def _disk_full_hint(output: str) -> str:
    return "the disk is full; " if "No space left on device" in output or "ENOSPC" in output else ""
