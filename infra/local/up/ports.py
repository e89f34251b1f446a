"""Chooses ports on loopback: checks the public one, and finds free ones for the other processes."""

import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from infra.local.up.errors import CannotStartError

LOOPBACK = "127.0.0.1"


def require_free(port: int) -> None:
    """Raises CannotStartError with advice."""
    if not _is_free(port):
        raise CannotStartError(f"port {port} is busy; choose another one: make up PORT={port + 1}")


def choose(names: Sequence[str], earlier: Mapping[str, int], taken: int) -> dict[str, int]:
    """Choose a free port for each name: its earlier port if that is free, so that addresses stay the same.

    `taken`: the public port. No name may get it, although nothing listens on it yet.
    """
    chosen = {name: earlier[name] for name in names if name in earlier and _is_free(earlier[name])}
    if taken in chosen.values() or len(set(chosen.values())) < len(chosen):
        chosen = {}
    missing = [name for name in names if name not in chosen]
    return {**chosen, **dict(zip(missing, _free_ports(len(missing), {taken, *chosen.values()}), strict=True))}


def _free_ports(count: int, unwanted: set[int]) -> list[int]:
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
            if port not in unwanted:
                found.append(port)
        return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
