"""`python -m tests.agents_with_slow_tools`: agents with an additional slow tool that records each run in a file."""

import asyncio
import runpy
from pathlib import Path

from pydantic import BaseModel

from services.agents.tools import TOOLS, Tool


class Nap(BaseModel):
    seconds: float
    diary: Path


class Woken(BaseModel):
    naps: int


async def _nap(asked: Nap) -> Woken:
    with asked.diary.open("a") as diary:
        diary.write("nap\n")
    await asyncio.sleep(asked.seconds)
    return Woken(naps=len(asked.diary.read_text().splitlines()))


if __name__ == "__main__":
    TOOLS["nap"] = Tool(
        name="nap", description="", input=Nap, output=Woken, run=_nap, limits={}, timeout_s=2, repeatable=True
    )
    runpy.run_module("services.agents", run_name="__main__")
