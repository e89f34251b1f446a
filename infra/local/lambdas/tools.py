"""Gets the tools that run packages: the web adapter, which is built once, and AWS's runtime client for Python."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from infra.setup.commands import environment, run
from infra.setup.uv import find_uv

ADAPTER: Final = "0.9.1"
RUNTIME_CLIENT: Final = "4.2.2"
_REPOSITORY: Final = Path(__file__).resolve().parents[3]


class NoCargoError(Exception):
    """The adapter must be built from its crate, but cargo is missing."""


def adapter() -> Path:
    """Path of the adapter. The first call builds it, which takes minutes. Raises NoCargoError, CannotSetUpError."""
    root = _REPOSITORY / ".tools" / f"lambda-adapter-{ADAPTER}"
    program = root / "bin" / "lambda-adapter"
    if not program.is_file():
        if shutil.which("cargo") is None:
            raise NoCargoError("cargo is missing (https://rustup.rs): the Lambda Web Adapter cannot be built")
        command = ["cargo", "install", "--locked", "--quiet", "--root", str(root), "--version", ADAPTER]
        run([*command, "lambda_web_adapter"], Path.home(), dict(os.environ))
    return program


def runtime_client() -> Path:
    """The folder with `awslambdaric` and its dependencies."""
    folder = _REPOSITORY / ".tools" / f"awslambdaric-{RUNTIME_CLIENT}"
    if not folder.is_dir():
        tools = environment(_REPOSITORY, os.environ)
        new = folder.with_name(f"{folder.name}.new")
        wanted = f"awslambdaric=={RUNTIME_CLIENT}"
        command = [find_uv(_REPOSITORY, tools), "pip", "install", "--quiet", "--python", sys.executable]
        run([*command, "--target", str(new), wanted], _REPOSITORY, tools)
        new.rename(folder)
    return folder
