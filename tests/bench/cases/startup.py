"""The cost of a service before its first request: import time, memory, and the time of a second `make up`."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from infra.deploy.stack_names import SERVICES
from tests.bench.aims import Aim, evaluate
from tests.bench.settings import BenchSettings
from tests.bench.system import fresh, rss_mb
from tests.polling import eventually
from tests.ports import free_port
from tests.stack import ROOT, running_stack
from tests.system import running_system
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

AIM_IMPORT_S: Final = 0.4
AIM_MEMORY_MB: Final = 80.0
AIM_UP_S: Final = 10.0
_UP_DEADLINE_S: Final = 90.0
_IDLE_S: Final = 3.0


async def run(context: CaseContext[BenchSettings]) -> Result:
    return await asyncio.to_thread(_measure, context)


def _measure(context: CaseContext[BenchSettings]) -> Result:
    imports = {service: median(_import_s(service) for _ in range(context.settings.starts)) for service in SERVICES}
    context.say("imports", **{service: round(seconds, 2) for service, seconds in imports.items()})
    memory = _memory_mb(context.record.folder)
    context.say("memory", **{service: round(mb) for service, mb in memory.items()})
    state, port = context.record.folder / "up", free_port()
    first, second = (_up_s(state, port) for _ in range(2))
    return judge(imports, memory, first, second)


def _import_s(service: str) -> float:
    """Wall-clock seconds of a process that imports the service's bootstrap, minus those of one that imports nothing."""
    return _seconds(f"import services.{service}.bootstrap") - _seconds("pass")


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_environment(), check=True)
    return time.perf_counter() - began


def _memory_mb(folder: Path) -> dict[str, float]:
    """Resident memory of each idle service, with all its roles in one process."""
    with running_stack(fresh(folder), free_port()) as stack, running_system(stack, folder / "system") as built:
        processes = {service: built.start(service) for service in SERVICES}
        time.sleep(_IDLE_S)
        return {service: rss_mb(process.popen.pid) for service, process in processes.items()}


def _up_s(state: Path, port: int) -> float:
    """Seconds until `make up` is ready; it is stopped afterwards."""
    state.parent.mkdir(parents=True, exist_ok=True)
    log = state.with_suffix(".log")
    began = time.monotonic()
    with log.open("wb") as out:
        up = subprocess.Popen(
            ["make", "up", f"PORT={port}", f"STATE={state}"],
            cwd=ROOT, env=_environment(), stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        assert eventually(lambda: "Colloquy is ready" in log.read_text(), _UP_DEADLINE_S), log.read_text()
        return time.monotonic() - began
    finally:
        os.killpg(up.pid, signal.SIGINT)
        up.wait(_UP_DEADLINE_S)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "COLLOQUY_"))}


def judge(imports: dict[str, float], memory: dict[str, float], first_up: float, second_up: float) -> Result:
    aims = [Aim(f"imports of {service}", seconds, AIM_IMPORT_S, "s") for service, seconds in imports.items()]
    aims += [Aim(f"memory of {service}", mb, AIM_MEMORY_MB, "MB") for service, mb in memory.items()]
    aims.append(Aim("second make up", second_up, AIM_UP_S, "s"))
    return evaluate(aims, {"make up on an empty state (s)": round(first_up, 1)}, [])


CASE: Final = Case(
    "starting",
    f"each service: imports <= {AIM_IMPORT_S:g} s, memory <= {AIM_MEMORY_MB:g} MB; second make up <= {AIM_UP_S:g} s",
    lambda _: 90,
    run,
)
