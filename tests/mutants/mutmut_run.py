"""Runs mutmut in a copy of the repository for one area."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from tests.mutants.areas import Area

ROOT: Final = Path(__file__).resolve().parents[2]
_COPIED_FOLDERS: Final = ("services", "shared", "tests", "infra")
# pytest stops at the first failure (-x); hypothesis uses the same seed for every mutant.
_PYTEST: Final = ("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--timeout=20")
_MUTMUT: Final = """
[tool.mutmut]
source_paths = ["services", "shared"]
also_copy = ["infra"]
only_mutate = {sources}
pytest_add_cli_args = {pytest}
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
timeout_multiplier = 3.0
timeout_constant = 5.0
"""


class MutmutError(Exception):
    """mutmut could not run; the usual reason is that the tests fail without any mutant."""


def prepare(area: Area, folder: Path, *, again: bool) -> Path:
    """Copy the repository. Results of unchanged functions are kept unless `again` is set."""
    if again:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _COPIED_FOLDERS:
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text(_pyproject(area))
    return folder


def _pyproject(area: Area) -> str:
    own = (ROOT / "pyproject.toml").read_text()
    assert "mutmut" not in tomllib.loads(own)["tool"]
    listed = {name: str(list(values)).replace("'", '"') for name, values in _lists(area).items()}
    return own + _MUTMUT.format(**listed)


def _lists(area: Area) -> dict[str, tuple[str, ...]]:
    return {"sources": area.sources, "pytest": _PYTEST, "tests": area.tests}


def run(folder: Path, children: int) -> None:
    """Run mutmut, with its progress on the terminal. Raises MutmutError."""
    done = subprocess.run(_command("run", "--max-children", str(children)), cwd=folder, env=_environment(), check=False)
    if done.returncode:
        raise MutmutError(f"mutmut ended with {done.returncode} in {folder}")


def diff_of(folder: Path, mutant: str) -> str:
    shown = subprocess.run(
        _command("show", mutant), cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    return shown.stdout


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *arguments]


def _environment() -> dict[str, str]:
    """The environment without colours, and without a PYTHONPATH that leads to the original code."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"NO_COLOR": "1"}
