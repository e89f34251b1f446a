"""Installs the web client's packages from its lock file, and builds it when its sources have changed."""

import gzip
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from infra.setup import stamps
from infra.setup.commands import CannotSetUpError, run

_OLDEST_NODE = (20, 19)
_WANTED = "node 20.19 or newer and npm are needed for the web client"
_COMPRESSED = frozenset({".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".wasm"})
_LEAST_COMPRESSED_BYTES = 1024
_SOURCES = ("src/**/*", "public/**/*", "index.html", "vite.config.*", "tsconfig*.json", "package-lock.json")


def has_packages(repository: Path) -> bool:
    return stamps.is_current(_packages_stamp(repository), _packages_made_from(repository))


def install(repository: Path, environment: Mapping[str, str]) -> None:
    _require_node(repository, environment)
    _packages_stamp(repository).unlink(missing_ok=True)
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    run(npm, repository / "frontend", environment)
    stamps.set_current(_packages_stamp(repository), _packages_made_from(repository))


def is_built(repository: Path) -> bool:
    index = repository / "frontend" / "dist" / "index.html"
    return index.is_file() and stamps.is_current(_build_stamp(repository), _build_made_from(repository))


def build(repository: Path, environment: Mapping[str, str]) -> None:
    """Build into another folder, then replace `dist`: a running system never serves an incomplete build."""
    folder = repository / "frontend"
    made_from = _build_made_from(repository)
    fresh = folder / "node_modules" / ".fresh-build"
    vite = ["npx", "--no-install", "vite", "build", "--logLevel=warn", "--emptyOutDir", f"--outDir={fresh}"]
    run(vite, folder, environment)
    compress(fresh)
    shutil.rmtree(folder / "dist", ignore_errors=True)
    fresh.replace(folder / "dist")
    stamps.set_current(_build_stamp(repository), made_from)


def compress(folder: Path) -> int:
    """Write a `.gz` file beside each file that gets smaller by it, and replace outdated ones; returns their number.

    Compressing once costs the gateway nothing while it carries streams.
    """
    written = 0
    for file in sorted(folder.rglob("*")):
        if file.suffix not in _COMPRESSED or not file.is_file() or file.stat().st_size < _LEAST_COMPRESSED_BYTES:
            continue
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        written += 1
    return written


def _require_node(repository: Path, environment: Mapping[str, str]) -> None:
    path = environment.get("PATH")
    if not (shutil.which("node", path=path) and shutil.which("npm", path=path)):
        raise CannotSetUpError(f"{_WANTED}; neither is on PATH")
    version = run(["node", "--version"], repository, environment).strip()
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST_NODE:
        raise CannotSetUpError(f"{_WANTED}; this is {version}")


def _packages_stamp(repository: Path) -> Path:
    return repository / "frontend" / "node_modules" / ".made-from"


def _packages_made_from(repository: Path) -> str:
    return stamps.digest([repository / "frontend" / "package-lock.json"])


def _build_stamp(repository: Path) -> Path:
    return repository / "frontend" / "dist" / ".made-from"


def _build_made_from(repository: Path) -> str:
    folder = repository / "frontend"
    return stamps.digest({file for pattern in _SOURCES for file in folder.glob(pattern) if file.is_file()})
