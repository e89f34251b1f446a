"""Builds the zip of every function."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging.bytecode import compile_bytecode, compiler_for
from infra.packaging.contents import contents, is_ours
from infra.packaging.dependencies import Installed
from infra.packaging.functions import FUNCTIONS, Function
from infra.packaging.target import Target
from infra.packaging.wheels import REPOSITORY, extras_of, install
from infra.packaging.zips import zipped
from infra.setup.stamps import digest, is_current, set_current

BUILD: Final = REPOSITORY / "build"
PLACE: Final = BUILD / "functions"
_STAMP: Final = PLACE / ".made-from"
_SIDE_BY_SIDE: Final = 2
_MADE_FROM: Final = (
    "services/**/*.py",
    "shared/**/*",
    "infra/packaging/*.py",
    "locks/*.txt",
    "pyproject.toml",
    "LICENSE",
)


@dataclass(frozen=True)
class Package:
    function: Function
    path: Path
    zip_bytes: int
    unzipped_bytes: int
    sha256: str


def build(target: Target, place: Path = PLACE, functions: tuple[Function, ...] = FUNCTIONS) -> Iterator[Package]:
    """Build in the order of `functions`. Packages of another target are replaced."""
    place.mkdir(parents=True, exist_ok=True)
    (place / _STAMP.name).unlink(missing_ok=True)
    installed = install(target, BUILD)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        yield from pool.map(lambda function: _build_package(function, installed, target, place), functions)


def build_if_changed(target: Target) -> bool:
    """Returns False when no source of a package has changed."""
    made_from = _made_from(target)
    if is_current(_STAMP, made_from):
        return False
    for _ in build(target):
        pass
    set_current(_STAMP, made_from)
    return True


def _made_from(target: Target) -> str:
    files = [path for pattern in _MADE_FROM for path in REPOSITORY.glob(pattern) if path.is_file()]
    sources = [path for path in files if "__pycache__" not in path.parts]
    return digest(sources, target.name, compiler_for(target.python) or "", *map(str, FUNCTIONS))


def _build_package(function: Function, installed: Installed, target: Target, place: Path) -> Package:
    found = contents(function, installed, extras_of(function.service), target)
    if compiler := compiler_for(target.python):
        found |= compile_bytecode({name: found[name] for name in found if is_ours(name)}, compiler)
    body = zipped(found)
    path = place / function.file_name
    path.write_bytes(body)
    return Package(function, path, len(body), sum(map(len, found.values())), hashlib.sha256(body).hexdigest())
