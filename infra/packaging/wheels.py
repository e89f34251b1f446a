"""Installs and compiles the distributions of the services' locks for a target, in a folder of `build/`.

All services share one folder, because their locks were resolved together and agree on every version.
"""

import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.packaging.bytecode import compile_in_place, compiler_for
from infra.packaging.dependencies import Installed, requested_extras
from infra.packaging.functions import SERVICES
from infra.packaging.target import Target
from infra.setup.commands import environment, run
from infra.setup.stamps import digest, is_current, set_current
from infra.setup.uv import find_uv

REPOSITORY: Final = Path(__file__).resolve().parents[2]


def install(target: Target, build: Path) -> Installed:
    """Install wheels only, and check the hash of each. Raises CannotSetUpError with uv's output."""
    locks = [REPOSITORY / "locks" / f"{service}.txt" for service in SERVICES]
    folder = build / "wheels" / target.name
    compiler = compiler_for(target.python)
    made_from, stamp = digest(locks, target.name, compiler or ""), folder / ".made-from"
    if not is_current(stamp, made_from):
        shutil.rmtree(folder, ignore_errors=True)
        tools = environment(REPOSITORY, os.environ)
        options = ("--python-platform", target.uv_platform, "--python-version", target.python)
        command = [find_uv(REPOSITORY, tools), "pip", "install", "--quiet", "--target", str(folder), *options]
        wanted = [word for lock in locks for word in ("-r", str(lock))]
        run([*command, "--only-binary", ":all:", "--require-hashes", *wanted], REPOSITORY, tools)
        if compiler:
            compile_in_place(folder, compiler)
        set_current(stamp, made_from)
    return Installed(folder)


def extras_of(service: str) -> dict[str, frozenset[str]]:
    """The extras that the service's group in `pyproject.toml` asks for. A lock file does not contain them."""
    groups = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["dependency-groups"]
    return requested_extras(_requirements(groups, service))


def _requirements(groups: dict[str, list[str | dict[str, str]]], name: str) -> Iterator[str]:
    for each in groups[name]:
        if isinstance(each, str):
            yield each
        else:
            yield from _requirements(groups, each["include-group"])
