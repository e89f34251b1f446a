"""Makes the zips."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging.compiling import compiled, compiler_for
from infra.packaging.contents import contents, is_ours
from infra.packaging.functions import FUNCTIONS, Function
from infra.packaging.reach import Installed
from infra.packaging.target import Target
from infra.packaging.wheels import REPOSITORY, extras_of, install
from infra.packaging.zips import zipped

BUILD: Final = REPOSITORY / "build"
PLACE: Final = BUILD / "functions"
_SIDE_BY_SIDE: Final = 2


@dataclass(frozen=True)
class Package:
    function: Function
    path: Path
    zip_bytes: int
    unzipped_bytes: int
    sha256: str


def build(target: Target, place: Path = PLACE, functions: tuple[Function, ...] = FUNCTIONS) -> Iterator[Package]:
    """In the order of `functions`, as they are done. What was built before for another target is replaced."""
    place.mkdir(parents=True, exist_ok=True)
    installed = install(target, BUILD)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        yield from pool.map(lambda function: _packed(function, installed, target, place), functions)


def _packed(function: Function, installed: Installed, target: Target, place: Path) -> Package:
    found = contents(function, installed, extras_of(function.service), target)
    if compiler := compiler_for(target.python):
        found |= compiled({name: found[name] for name in found if is_ours(name)}, compiler)
    body = zipped(found)
    path = place / function.file_name
    path.write_bytes(body)
    return Package(function, path, len(body), sum(map(len, found.values())), hashlib.sha256(body).hexdigest())
