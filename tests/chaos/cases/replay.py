"""Recorded events three times, shuffled and late: all consumers' tables as after once in order. A test of its own."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from typing import Final

from tests.chaos.case import Case, Stage
from tests.chaos.record import Result
from tests.stack import ROOT

_TEST: Final = "tests/integration/events/test_replay.py"
_LAST_LINES: Final = 12


async def run(stage: Stage) -> Result:
    if not await asyncio.to_thread((ROOT / _TEST).exists):
        return Result(False, {}, [f"{_TEST} does not exist"])
    command = [sys.executable, "-m", "pytest", "-q", _TEST]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate()
    lines = told.decode().strip().splitlines()
    stage.say(lines[-1] if lines else "nothing was said")
    passed = process.returncode == 0
    return Result(passed, {"pytest": lines[-1] if lines else ""}, [] if passed else lines[-_LAST_LINES:])


CASE: Final = Case(
    "replay",
    "events recorded end to end x 3, shuffled, late: table dumps equal to once, in order",
    lambda _: 60,
    run,
)
