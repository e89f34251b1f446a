"""The patches reach into private names, so they belong to one exact version."""

from importlib.metadata import version

PINNED = "1.5.33"


def require_pinned_version() -> None:
    """Raise RuntimeError when another ministack is installed."""
    installed = version("ministack")
    if installed != PINNED:
        raise RuntimeError(f"patches are for ministack {PINNED}, but {installed} is installed")
