"""`make redrive QUEUE=…` on a system under chaos."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT

from tests.chaos.ground import Ground
from tests.stack import ROOT


async def redrive(ground: Ground, queue: str) -> str:
    """What it complained about; empty when it did its work."""
    command = [sys.executable, "-m", "infra.local.dead_letters.redrive", queue]
    environment = {**os.environ, **ground.settings("analytics")}
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    return "" if process.returncode == 0 else f"redrive: {told.decode().strip()[-300:]}"
