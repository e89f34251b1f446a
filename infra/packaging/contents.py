"""The contents of a function's zip: our modules that it imports, the distributions they need, `run.sh`, licences."""

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from typing import Final, get_args

from infra.packaging.dependencies import OURS, Installed, reachable_modules
from infra.packaging.functions import Function
from infra.packaging.target import Target
from infra.packaging.wheels import REPOSITORY
from shared.aws.call_limits import ClientName

RUN: Final = "run.sh"
LICENCES: Final = "LICENCES.txt"
_RUN: Final = """\
#!/bin/sh
# Started by the Lambda Web Adapter.
exec python3 -m {entry_package} --roles http
"""
# Files of metadata that may be read at run time. The others are about the installation only.
_OF_METADATA: Final = {"METADATA", "entry_points.txt", "top_level.txt"}
_NEVER: Final = {"__pycache__", "tests", "test"}
_NOT_TO_RUN: Final = {".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h", ".hash", ".pyc"}
_DATA: Final = PurePosixPath("botocore/data")
_LICENCE_WORDS: Final = ("licen", "copying", "notice", "authors")


def contents(
    function: Function, installed: Installed, extras: Mapping[str, frozenset[str]], target: Target
) -> dict[str, bytes]:
    """Path in the zip → bytes."""
    modules = reachable_modules(function.entry)
    distributions = installed.distributions_for(modules, extras, target)
    found = dict(_ours(modules))
    for distribution in distributions:
        found |= dict(_theirs(distribution, installed.folder))
    if function.is_http:
        found[RUN] = _RUN.format(entry_package=function.entry.removesuffix(".__main__")).encode()
    found["LICENSE"] = (REPOSITORY / "LICENSE").read_bytes()
    found[LICENCES] = licences(distributions).encode()
    return found


def is_ours(path: str) -> bool:
    return path.partition("/")[0] in OURS


def licences(distributions: Iterable[Distribution]) -> str:
    """One line for each distribution: name, version, licence. The texts are beside its metadata."""
    lines = [f"{each.name} {each.version}: {_licence(each)}" for each in distributions]
    return "What is packaged here beside Colloquy itself (LICENSE):\n\n" + "\n".join(lines) + "\n"


def _licence(distribution: Distribution) -> str:
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    kinds = [
        each.rpartition("::")[2].strip() for each in metadata.get_all("Classifier", []) if each.startswith("License")
    ]
    return ", ".join(kinds) or str(metadata.json.get("license", "see its metadata")).partition("\n")[0]


def _ours(modules: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for module in modules:
        if module.partition(".")[0] not in OURS:
            continue
        path = REPOSITORY.joinpath(*module.split("."))
        if not path.is_dir():
            yield _read(path.with_suffix(".py"))
            continue
        for file in path.iterdir():
            if file.name == "__init__.py" or (file.is_file() and file.suffix != ".py"):
                yield _read(file)


def _read(file: Path) -> tuple[str, bytes]:
    return file.relative_to(REPOSITORY).as_posix(), file.read_bytes()


def _theirs(distribution: Distribution, folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in distribution.files or ():
        path, source = PurePosixPath(file), folder / file
        if path.parts[0] in {"..", "bin"} or not _is_wanted(path) or not source.is_file():
            continue
        yield path.as_posix(), source.read_bytes()
        for compiled in source.parent.glob(f"__pycache__/{path.stem}.*.pyc") if path.suffix == ".py" else ():
            yield compiled.relative_to(folder).as_posix(), compiled.read_bytes()


def _is_wanted(path: PurePosixPath) -> bool:
    if path.parts[0].endswith(".dist-info"):
        return path.name in _OF_METADATA or any(word in path.as_posix().lower() for word in _LICENCE_WORDS)
    if path.is_relative_to(_DATA) and path.parent != _DATA:
        return path.relative_to(_DATA).parts[0] in get_args(ClientName) and "examples" not in path.name
    return _NEVER.isdisjoint(path.parts) and path.suffix not in _NOT_TO_RUN
