"""The process host: `python -m services.<name> --roles http,events,relay` runs roles until SIGTERM or SIGINT.

Then it accepts no new connections and receives no new messages, lets running work finish (`Roles.drain`), and closes
the clients.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog
from aiohttp import web

from shared.host.snapshot import SNAPSHOT, until_restored
from shared.http import serving
from shared.settings import HostSettings, ServiceSettings
from shared.telemetry import configure_logging
from shared.telemetry.export import export_spans

_log: Final = structlog.get_logger()

S = TypeVar("S", bound=ServiceSettings)
Worker = Callable[[asyncio.Event], Awaitable[None]]


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class Roles:
    """The roles that a process can have: the application of the role `http`, and one worker for each other role.

    A worker runs until the event is set, then returns within seconds.
    """

    app: web.Application
    workers: Mapping[str, Worker] = field(default_factory=dict)
    drain: Callable[[], Awaitable[None]] = _nothing


def run(
    service: str, read_settings: Callable[[], S], open_roles: Callable[[S], AbstractAsyncContextManager[Roles]]
) -> None:
    """Parse the command line and host the service until a signal. The exit code is 1 when a worker fails.

    Where Lambda takes a snapshot of the process, settings are read and clients are opened after the restore.
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    parser.add_argument(
        "--roles", default="", help="http and the service's workers, comma-separated; all when left out"
    )
    roles = {role for role in parser.parse_args().roles.split(",") if role}
    host = HostSettings()
    configure_logging(service, host.log_level)
    if host.initialization == SNAPSHOT:
        asyncio.run(until_restored(service, host.host, host.port))
    settings = read_settings()
    with export_spans(service, settings.otlp_endpoint, settings.environment):
        asyncio.run(_serve(service, settings, lambda: open_roles(settings), roles))


async def _serve(
    service: str,
    settings: ServiceSettings,
    open_roles: Callable[[], AbstractAsyncContextManager[Roles]],
    roles: Collection[str],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_roles() as available:
        chosen = set(roles) or {"http", *available.workers}
        if unknown := chosen - {"http", *available.workers}:
            raise SystemExit(f"services.{service} has no role {', '.join(sorted(unknown))}")
        async with asyncio.TaskGroup() as workers:
            for role in chosen - {"http"}:
                workers.create_task(_run_worker(role, available.workers[role], stop), name=role)
            if "http" in chosen:
                async with serving(available.app, settings.host, settings.port, available.drain) as port:
                    _log.info("process.started", roles=sorted(chosen), port=port, release=settings.release)
                    await stop.wait()
                    _log.info("process.stopping")
            else:
                _log.info("process.started", roles=sorted(chosen), release=settings.release)
                await stop.wait()
                await available.drain()
    _log.info("process.stopped")


async def _run_worker(role: str, worker: Worker, stop: asyncio.Event) -> None:
    try:
        await worker(stop)
    except Exception:
        _log.exception("worker.crashed", role=role)
        raise
