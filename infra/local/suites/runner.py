"""Runs suites, shows their output, and prints the time of each."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from infra.local.suites.table import Suite, find_chromium, is_possible

_NO_TESTS_COLLECTED = 5
_NO_BROWSER = "browser tests were skipped, so the result is incomplete: no Chromium on PATH and no CHROMIUM_PATH"


def run(suites: Sequence[Suite], repository: Path, *, require_browser: bool) -> int:
    """Run the suites until one fails. The last line of the output is the result. Returns the exit code."""
    started, skipped = time.monotonic(), False
    for number, suite in enumerate(suites, 1):
        if not is_possible(suite):
            skipped = True
            continue
        began = time.monotonic()
        print(f"== {suite.name} ({number} of {len(suites)})", flush=True)
        if (problem := _problem(suite, repository)) is not None:
            print(f"make test: {suite.name} failed: {problem}", flush=True)
            return 1
        print(f"== {suite.name}: passed in {time.monotonic() - began:.1f} s", flush=True)
    seconds = f"{time.monotonic() - started:.0f} s"
    if skipped:
        print(f"make test: {_NO_BROWSER} (the rest passed in {seconds})")
        return int(require_browser)
    print(f"make test: {'all suites' if len(suites) > 1 else suites[0].name} passed in {seconds}")
    return 0


def _problem(suite: Suite, repository: Path) -> str | None:
    for command in suite.commands:
        try:
            done = subprocess.run(  # noqa: S603 - the commands of our own table
                _expanded(command, repository), cwd=repository / suite.folder, env=_environment(), check=False
            )
        except FileNotFoundError:
            return f"{command[0]} is missing; run `make setup`"
        if done.returncode == _NO_TESTS_COLLECTED and command[0] == "pytest":
            return f"no tests in {command[-1]}"
        if done.returncode:
            return f"{' '.join(command)} ended with {done.returncode}"
    return None


def _expanded(command: Sequence[str], repository: Path) -> list[str]:
    own = Path(sys.executable).parent / command[0]
    arguments = [found for word in command[1:] for found in (_matches(word, repository) if "*" in word else [word])]
    return [str(own) if own.exists() else command[0], *arguments]


def _matches(pattern: str, repository: Path) -> list[str]:
    """The matching files, or the pattern itself if there are none, so that the suite fails."""
    return sorted(glob(pattern, root_dir=repository)) or [pattern]  # noqa: PTH207 - relative paths


def _environment() -> dict[str, str]:
    # MAKEFLAGS is removed: with it, a test that calls make would use our job server.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return kept | ({"CHROMIUM_PATH": found} if (found := find_chromium()) else {})
