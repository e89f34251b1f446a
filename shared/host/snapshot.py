"""Before a snapshot of the process is taken (Lambda SnapStart), nothing secret, unique or connected may be in it.

So there is nothing: until Lambda has restored the process, a door keeper alone is at its port, who tells the web
adapter that all is well (https://aws.github.io/aws-lambda-web-adapter/features/snapstart.html). The service's settings
are read and its clients are opened behind the snapshot; the imports, most of a cold start, are in it. The adapter asks
for readiness once more after a restore, and so waits for the service that takes the door keeper's place.
"""

import asyncio
import random
from typing import Final

import structlog
from aiohttp import web

SNAPSHOT: Final = "snap-start"
BEFORE_CHECKPOINT: Final = "/snapshot/before-checkpoint"
AFTER_RESTORE: Final = "/snapshot/after-restore"

_log: Final = structlog.get_logger()


async def until_restored(service: str, host: str, port: int) -> None:
    """Keep the door; returns once the process has been restored and the port is free again."""
    import shared.aws.fast_client  # noqa: PLC0415 - botocore, which else comes with the first client
    import shared.aws.service_models  # noqa: F401, PLC0415

    restored = asyncio.Event()

    async def well(_: web.Request) -> web.Response:
        return web.Response(status=204)

    async def after_restore(_: web.Request) -> web.Response:
        # What every environment restored from this snapshot would draw alike. Secrets and ids never come from here.
        random.seed()
        restored.set()
        return web.Response(status=204)

    app = web.Application()
    health = f"/api/{service}/health"
    app.add_routes([web.get(health, well), web.post(BEFORE_CHECKPOINT, well), web.post(AFTER_RESTORE, after_restore)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
        await restored.wait()
        _log.info("process.restored")
    finally:
        await runner.cleanup()
