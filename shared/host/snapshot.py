"""Keeps secrets, unique values and connections out of the snapshot that Lambda SnapStart takes of the process.

Until Lambda has restored the process, a small placeholder server listens on its port and answers the readiness check
of the web adapter (https://aws.github.io/aws-lambda-web-adapter/features/snapstart.html). The snapshot contains the
imports, which are most of a cold start; settings are read and clients are opened after the restore. The adapter checks
readiness again after a restore, and so waits for the service, which then listens on the same port.
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
    """Serve the placeholder until the process has been restored; on return the port is free again."""
    import shared.aws.fast_client  # noqa: PLC0415 - imports botocore, a large part of a cold start
    import shared.aws.service_models  # noqa: F401, PLC0415

    restored = asyncio.Event()

    async def answer_ok(_: web.Request) -> web.Response:
        return web.Response(status=204)

    async def after_restore(_: web.Request) -> web.Response:
        # Otherwise all environments of one snapshot draw the same numbers. Secrets and ids are never drawn from it.
        random.seed()
        restored.set()
        return web.Response(status=204)

    app = web.Application()
    health = f"/api/{service}/health"
    app.add_routes(
        [
            web.get(health, answer_ok),
            web.post(BEFORE_CHECKPOINT, answer_ok),
            web.post(AFTER_RESTORE, after_restore),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
        await restored.wait()
        _log.info("process.restored")
    finally:
        await runner.cleanup()
