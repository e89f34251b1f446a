"""`make redrive QUEUE=…` on a system under chaos."""

import asyncio
import os
from asyncio.subprocess import PIPE, STDOUT

from tests.chaos.ground import Ground
from tests.stack import ROOT


async def redrive(ground: Ground, queue: str) -> str:
    """What it complained about; empty when it did its work."""
    environment = {**os.environ, **ground.settings("analytics"), "STATE": str(ground.state.folder)}
    command = ["make", "-s", "redrive", f"QUEUE={queue}"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    return "" if process.returncode == 0 else f"make redrive: {told.decode().strip()[-300:]}"
