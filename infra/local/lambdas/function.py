"""A function: its execution environments, one for each concurrent invocation, and the plans to start its package."""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.local.lambdas.execution_environment import ExecutionEnvironment, Plan
from infra.local.lambdas.invocation import MAX_EVENT_BYTES, FunctionInvocation, InvocationError
from infra.packaging.zips import unzip

MAX_ENVIRONMENTS: Final = 50
"""Reserved concurrency. When all are busy, an invocation is throttled."""


@dataclass
class HostedFunction:
    """`invoke` returns when an environment has received the event; the response is read from the invocation."""

    plan: Plan
    logs: Path
    title: str = ""
    """Name of its log file; if empty, the plan's name."""
    environments: list[ExecutionEnvironment] = field(default_factory=list)
    _running: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def invoke(self, event: bytes, *, timeout_s: float | None = None) -> FunctionInvocation:
        """Raises InvocationError if the event is too large or if all environments are busy."""
        if len(event) > MAX_EVENT_BYTES:
            raise InvocationError("RequestEntityTooLarge", f"{len(event)} bytes")
        environment = await self._free()
        seconds = timeout_s or self.plan.timeout_s
        invocation = FunctionInvocation(event, deadline_ms=int((time.time() + seconds) * 1000))
        task = asyncio.create_task(self._run(environment, invocation))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return invocation

    async def call(self, event: bytes, *, timeout_s: float | None = None) -> bytes:
        """Invoke and return the whole response. Raises InvocationError if the function failed."""
        return await (await self.invoke(event, timeout_s=timeout_s)).read_all()

    async def close(self) -> None:
        await asyncio.gather(*(environment.stop() for environment in self.environments))
        await asyncio.gather(*self._running, return_exceptions=True)
        self.environments.clear()

    async def _free(self) -> ExecutionEnvironment:
        for environment in self.environments:
            if not environment.busy and environment.is_alive:
                environment.busy = True
                return environment
        if len(self.environments) >= MAX_ENVIRONMENTS:
            raise InvocationError("TooManyRequestsException", f"{MAX_ENVIRONMENTS} run")
        environment = ExecutionEnvironment(self.plan, self.logs / f"{self.title or self.plan.name}.log")
        environment.busy = True
        self.environments.append(environment)
        try:
            await environment.start()
        except InvocationError:
            self.environments.remove(environment)
            raise
        return environment

    async def _run(self, environment: ExecutionEnvironment, invocation: FunctionInvocation) -> None:
        try:
            await environment.run(invocation)
        finally:
            environment.busy = False
            if not environment.is_alive and environment in self.environments:
                self.environments.remove(environment)


def unpack(package: Path, folder: Path) -> Path:
    """Unpack the package read-only, as Lambda mounts it."""
    unzip(package, folder)
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        each.chmod(0o555)
    return folder


def http_plan(name: str, task: Path, adapter: Path, variables: Mapping[str, str], timeout_s: float) -> Plan:
    """The plan of an HTTP function. `run.sh` uses a Python without this checkout's packages."""
    own = {"PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin", "_HANDLER": "run.sh", **variables}
    return Plan(name, (str(task / "run.sh"),), task, own, timeout_s, adapter)


def handler_plan(task: Path, client: Path, handler: str, variables: Mapping[str, str], timeout_s: float) -> Plan:
    """The plan of a handler, run by AWS's runtime interface client (`awslambdaric`) in the folder `client`."""
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = {"_HANDLER": handler, "PYTHONPATH": f"{task}:{client}", **variables}
    name = handler.removeprefix("services.").replace(".", "-")
    return Plan(name, (str(python), "-B", "-m", "awslambdaric", handler), task, own, timeout_s)
