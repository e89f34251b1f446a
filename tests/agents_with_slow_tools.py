"""`python -m tests.agents_with_slow_tools`: agents with an additional slow tool that records each run in a file."""

import asyncio
import runpy
from pathlib import Path

from pydantic import BaseModel

from services.agents.tools import TOOLS, Tool


class Nap(BaseModel):
    seconds: float
    run_log: Path


class NapResult(BaseModel):
    naps: int


async def _nap(nap: Nap) -> NapResult:
    with nap.run_log.open("a") as file:
        file.write("nap\n")
    await asyncio.sleep(nap.seconds)
    return NapResult(naps=len(nap.run_log.read_text().splitlines()))


if __name__ == "__main__":
    TOOLS["nap"] = Tool(
        name="nap", description="", input=Nap, output=NapResult, run=_nap, limits={}, timeout_s=2, repeatable=True
    )
    runpy.run_module("services.agents", run_name="__main__")
