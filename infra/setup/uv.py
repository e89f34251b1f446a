"""Finds uv: in `.tools/`, else on PATH, else it is installed into `.tools/`."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

from infra.setup.commands import CannotSetUpError, run

PIN = "0.13.9"
_NEITHER = "uv is missing and cannot be installed here: sudo apt-get install python3-venv, or pipx install uv"


def find_uv(repository: Path, environment: Mapping[str, str]) -> str:
    """The path of uv. Installs it if it is missing. Raises CannotSetUpError if that is not possible."""
    own = repository / ".tools" / "bin" / "uv"
    if own.is_file():
        return str(own)
    if found := shutil.which("uv", path=environment.get("PATH")):
        return found
    try:
        venv.create(repository / ".tools", with_pip=True, clear=False)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotSetUpError(_NEITHER) from error
    python = str(repository / ".tools" / "bin" / "python")
    run([python, "-m", "pip", "install", "--quiet", f"uv=={PIN}"], repository, environment)
    return str(own)


def python_version() -> str:
    return ".".join(str(part) for part in sys.version_info[:3])


if __name__ == "__main__":
    print(find_uv(Path(__file__).resolve().parents[2], os.environ))
