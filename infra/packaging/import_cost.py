"""Measures the imports of a cold start: unzips a package as Lambda does, and imports its entry."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging.build import Package
from infra.packaging.functions import Function
from infra.packaging.zips import unzip

BASE: Final = ("aiohttp.web", "pydantic", "structlog")
"""Modules that every service imports. A function's import time is given as a multiple of theirs."""
_RUNS: Final = 2
# Python runs with -I and -B. -I: modules of this checkout and its environment must not hide that the zip lacks one.
# -B: no compiled module is written, as on Lambda's read-only disk.
_SCRIPT: Final = """
import sys, time, importlib, json
sys.path.insert(0, sys.argv[1])
before, started = len(sys.modules), time.perf_counter()
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps([(time.perf_counter() - started) * 1000, len(sys.modules) - before]))
"""


@dataclass(frozen=True)
class ImportCost:
    """`modules`: how many are imported. The number is the same on every machine, so the budgets limit it.

    Times are the minimum of several runs. `base_ms`: import time of `BASE`, measured alternately from the same package.
    """

    ms: float
    base_ms: float
    modules: int

    @property
    def times_base(self) -> float:
        return self.ms / self.base_ms


def measure_import_cost(package: Package) -> ImportCost:
    """The package must be for this machine's architecture and Python."""
    with tempfile.TemporaryDirectory() as folder:
        unzip(package.path, Path(folder))
        timings = [(_imported(folder, _imports(package.function)), _imported(folder, BASE)) for _ in range(_RUNS)]
    (_, modules), _ = timings[0]
    return ImportCost(min(own for (own, _), _ in timings), min(base for _, (base, _) in timings), modules)


def _imports(function: Function) -> tuple[str, ...]:
    """Modules to import. `__main__` cannot be imported without running it, so this names what it imports."""
    of_main = (f"services.{function.service}.app", "shared.host.service_process")
    return of_main if function.is_http else (function.entry,)


def _imported(folder: str, modules: tuple[str, ...]) -> tuple[float, int]:
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    command = [base, "-I", "-B", "-c", _SCRIPT, folder, *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    if done.returncode:
        raise ImportError(f"{modules[0]} cannot be imported from its package: {done.stderr.strip().splitlines()[-1]}")
    ms, count = json.loads(done.stdout)
    return float(ms), int(count)
