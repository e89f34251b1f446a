"""`python -m services.<name> --roles http,events,relay`: starts the roles, serves until SIGTERM or SIGINT, ends.

The order of ending: no new connections and no new messages; what runs may finish (`Rooms.drain`); then clients close.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from shared.settings import ServiceSettings
from shared.telemetry import configure_logging

_log: Final = structlog.get_logger()
_SHUTDOWN_S: Final = 2.0  # for open connections once the work behind them has ended

Worker = Callable[[asyncio.Event], Awaitable[None]]


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class Rooms:
    """What a service's bootstrap has wired: the app of role `http`, and one worker per other role.

    A worker runs until the event is set, then ends by itself within seconds.
    """

    app: web.Application
    workers: Mapping[str, Worker] = field(default_factory=dict)
    drain: Callable[[], Awaitable[None]] = _nothing


def run(service: str, settings: ServiceSettings, open_rooms: Callable[[], AbstractAsyncContextManager[Rooms]]) -> None:
    """Parse the command line and host the service until it is told to end. Exit code 1 when a worker dies."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}")
    parser.add_argument(
        "--roles", default="", help="http and the service's workers, comma-separated; all when left out"
    )
    roles = {role for role in parser.parse_args().roles.split(",") if role}
    configure_logging(service, settings.log_level)
    asyncio.run(_serve(service, settings, open_rooms, roles))


async def _serve(
    service: str,
    settings: ServiceSettings,
    open_rooms: Callable[[], AbstractAsyncContextManager[Rooms]],
    roles: Collection[str],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_rooms() as rooms:
        chosen = set(roles) or {"http", *rooms.workers}
        if unknown := chosen - {"http", *rooms.workers}:
            raise SystemExit(f"services.{service} has no role {', '.join(sorted(unknown))}")
        runner = web.AppRunner(rooms.app, handle_signals=False, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            async with asyncio.TaskGroup() as workers:
                for role in chosen - {"http"}:
                    workers.create_task(_work(role, rooms.workers[role], stop), name=role)
                site = await _listen(runner, settings) if "http" in chosen else None
                _log.info("started", roles=sorted(chosen), port=settings.port)
                await stop.wait()
                _log.info("stopping")
                if site:
                    await site.stop()
                await rooms.drain()
        finally:
            await runner.cleanup()
    _log.info("stopped")


async def _listen(runner: web.AppRunner, settings: ServiceSettings) -> web.TCPSite:
    site = web.TCPSite(runner, settings.host, settings.port)
    await site.start()
    return site


async def _work(role: str, worker: Worker, stop: asyncio.Event) -> None:
    try:
        await worker(stop)
    except Exception:
        _log.exception("worker died", role=role)
        raise
