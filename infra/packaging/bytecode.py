"""Compiles modules into the package. Lambda's disk is read-only, so Python would compile them at every cold start."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_AT_RUN_TIME: Final = "/var/task"
_ANSWERS: Final = re.compile(r"Python (?P<version>\d+\.\d+)\.")


def compiler_for(python: str) -> str | None:
    """Path of an interpreter of that version on this machine. None if there is none; then nothing is compiled."""
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{python}")
    if found is None:
        return None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    answer = _ANSWERS.match(done.stdout)
    return found if answer and answer["version"] == python else None  # a shim may exist without its interpreter


def compile_in_place(folder: Path, compiler: str) -> None:
    """Compile into `__pycache__`, without time stamps and source checks, and with Lambda's paths in tracebacks."""
    options = ("-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", _AT_RUN_TIME)
    command = [compiler, "-I", "-m", "compileall", *options, str(folder)]
    # Errors are ignored: a vendored module may be for another Python and not compile. Its source is in the package.
    subprocess.run(command, env={"PYTHONHASHSEED": "0"}, capture_output=True, timeout=300, check=False)  # noqa: S603


def compile_bytecode(sources: Mapping[str, bytes], compiler: str) -> dict[str, bytes]:
    """Path → bytes of the `.pyc` of every `.py` among the sources."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, body in sources.items():
            if name.endswith(".py"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(body)
        compile_in_place(root, compiler)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.pyc")}
