"""Measures what a cold start pays for imports: unzips a package as Lambda does, and imports its entry."""

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
"""What every service must import; a function's import time is given as a multiple of theirs."""
_RUNS: Final = 2
# Isolated: this checkout and its environment must not supply what the zip lacks. Lambda's disk is read-only, so no
# compiled module is kept there either.
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
    """`modules`: how many are imported; the same on every run and machine, so that is what budgets limit.

    Times are the minimum of several runs. `base_ms`: import time of `BASE`, measured in between from the same package.
    """

    ms: float
    base_ms: float
    modules: int

    @property
    def times_base(self) -> float:
        return self.ms / self.base_ms


def measure_import_cost(package: Package) -> ImportCost:
    """Measures a package for this machine's own Python only."""
    with tempfile.TemporaryDirectory() as folder:
        unzip(package.path, Path(folder))
        timings = [(_imported(folder, _imports(package.function)), _imported(folder, BASE)) for _ in range(_RUNS)]
    (_, modules), _ = timings[0]
    return ImportCost(min(own for (own, _), _ in timings), min(base for _, (base, _) in timings), modules)


def _imports(function: Function) -> tuple[str, ...]:
    """What `__main__` imports, for an entry that is run rather than imported."""
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
