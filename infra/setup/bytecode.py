"""Compiles our own sources once. With `PYTHONDONTWRITEBYTECODE` every process would compile them again."""

import compileall
from pathlib import Path

_SOURCES = ("services", "shared", "infra")
_SILENT = 2


def compile_sources(repository: Path) -> None:
    """Compile the files that have changed since their `.pyc`. A run without changes takes about 50 ms.

    It saves half of a service's import time under `PYTHONDONTWRITEBYTECODE`. Errors are ignored: Python reports a
    source that does not compile when it is imported, and works without `.pyc` files in a read-only checkout.
    """
    for name in _SOURCES:
        compileall.compile_dir(repository / name, quiet=_SILENT)
