"""The two Python environments, installed from hashed lock files."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.setup import stamps
from infra.setup.commands import run
from infra.setup.uv import find_uv, python_version


@dataclass(frozen=True)
class PythonEnvironment:
    title: str
    folder: str
    lock: str


ENVIRONMENTS = (
    PythonEnvironment("Python packages", ".venv", "locks/dev.txt"),
    PythonEnvironment("embedded AWS (its own packages)", ".venv-aws", "locks/embedded-aws.txt"),
)


def is_ready(repository: Path, wanted: PythonEnvironment) -> bool:
    return _belongs_here(repository, wanted) and stamps.is_current(
        _stamp(repository, wanted), _made_from(repository, wanted)
    )


def install(repository: Path, wanted: PythonEnvironment, environment: Mapping[str, str]) -> None:
    """Install exactly what the lock file names, each file checked against its hash. Raises CannotSetUpError."""
    uv, folder = find_uv(repository, environment), repository / wanted.folder
    _stamp(repository, wanted).unlink(missing_ok=True)
    if not _belongs_here(repository, wanted):
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], repository, environment)
        stamps.set_current(folder / ".place", _location(repository))
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"]
    sync += ["--python", str(folder / "bin" / "python"), wanted.lock]
    run(sync, repository, environment)
    stamps.set_current(_stamp(repository, wanted), _made_from(repository, wanted))


def _stamp(repository: Path, wanted: PythonEnvironment) -> Path:
    return repository / wanted.folder / ".made-from"


def _made_from(repository: Path, wanted: PythonEnvironment) -> str:
    return stamps.digest([repository / wanted.lock])


def _belongs_here(repository: Path, wanted: PythonEnvironment) -> bool:
    folder = repository / wanted.folder
    return (folder / "bin" / "python").exists() and stamps.is_current(folder / ".place", _location(repository))


def _location(repository: Path) -> str:
    # Scripts of an environment contain its absolute path, so a moved checkout or another Python needs a new one.
    return f"{repository} {python_version()}"
