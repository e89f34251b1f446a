"""Prepares `make up COMPUTE=lambda`: packages, the web adapter, AWS's runtime client."""

from pathlib import Path
from typing import Final

from infra.local.lambdas.tools import NoCargoError, adapter, runtime_client
from infra.local.up.errors import CannotStartError
from infra.packaging.build import build_if_changed
from infra.packaging.target import Target
from infra.setup.commands import CannotSetUpError

_FIRST_WITH_SNAPSHOTS: Final = (3, 12)


def tools() -> tuple[Path, Path]:
    """Paths of the web adapter and of the runtime client's folder. Builds them if missing. Raises CannotStartError."""
    try:
        return adapter(), runtime_client()
    except (NoCargoError, CannotSetUpError) as missing:
        raise CannotStartError(f"COMPUTE=lambda: {missing}") from missing


def packages() -> None:
    """Build the packages for this machine if their sources changed. Raises CannotStartError."""
    try:
        build_if_changed(Target.here())
    except CannotSetUpError as trouble:
        raise CannotStartError(f"COMPUTE=lambda: {trouble}") from trouble


def parameters() -> dict[str, str]:
    """The templates' parameters for functions that run on this machine."""
    here = Target.here()
    can_snap = tuple(map(int, here.python.split("."))) >= _FIRST_WITH_SNAPSHOTS
    return {
        "Compute": "lambda",
        "Arch": here.arch,
        "PythonRuntime": f"python{here.python}",
        "SnapStart": str(can_snap).lower(),
    }
