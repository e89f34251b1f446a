"""One execution environment: the unzipped package, its processes, and its own Runtime API.

It is started when no other environment is free, frozen between invocations, and stopped when an invocation fails. Not
modelled: limits of bandwidth and memory, recycling of old environments.
"""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from aiohttp import web

from infra.local.lambdas.invocation import FunctionInvocation, InvocationError
from infra.local.lambdas.runtime_api import RuntimeApi
from infra.local.supervisor.parent_death import die_with_parent

INIT_S: Final = 10.0
SIGTERM_S: Final = 0.6  # time between SIGTERM and SIGKILL, if an extension is registered
_HOST: Final = "127.0.0.1"


@dataclass(frozen=True)
class Plan:
    """`command`: starts the runtime. `variables`: those of the function. `task`: folder of the unzipped package.

    `adapter`: the web adapter, which is started as an extension of an HTTP function. Each environment of such a
    function listens on its own port, because all of them run on one machine.
    """

    name: str
    command: tuple[str, ...]
    task: Path
    variables: Mapping[str, str]
    timeout_s: float
    adapter: Path | None = None
    memory_mb: int = 512

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.name}"


class ExecutionEnvironment:
    def __init__(self, plan: Plan, log: Path) -> None:
        self._plan = plan
        self._log_file = log
        self._api = RuntimeApi(plan.arn)
        self._runner: web.AppRunner | None = None
        self._processes: list[asyncio.subprocess.Process] = []  # the runtime, then its extension
        self._log: IO[bytes] | None = None
        self.busy = False
        self.init_ms = 0.0

    @property
    def pid(self) -> int:
        """Process id of the runtime. For an HTTP function this is the service."""
        return self._processes[0].pid

    @property
    def is_alive(self) -> bool:
        return bool(self._processes) and all(process.returncode is None for process in self._processes)

    async def start(self) -> None:
        """Start the processes and wait until the runtime is ready. Raises InvocationError if it ends or is too slow."""
        began = time.perf_counter()
        self._runner = web.AppRunner(self._api.app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        port = self._runner.addresses[0][1]
        self._log = self._log_file.open("ab")
        before = self._log.tell()
        variables = self._variables(port)
        extensions = [(str(self._plan.adapter),)] if self._plan.adapter else []
        for command in (self._plan.command, *extensions):
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=self._plan.task,
                env=variables,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
                preexec_fn=_end_with_host,  # a frozen process would never end by itself
            )
            self._processes.append(process)
        if not await self._completes_within(self._api.idle.wait(), INIT_S):
            why = self._api.init_error or self._log_file.read_bytes()[before:].decode(errors="replace")[-500:]
            kind = "Runtime.ExitError" if not self.is_alive else "Sandbox.Timedout"
            await self.stop()
            raise InvocationError(kind, f"{self._plan.name} did not start: {why}")
        self.init_ms = (time.perf_counter() - began) * 1000
        self._freeze()

    async def run(self, invocation: FunctionInvocation) -> None:
        """Run one invocation until the function has responded, then freeze the processes."""
        self._thaw()
        self._api.deliver(invocation)
        seconds = max(0.0, invocation.deadline_ms / 1000 - time.time())
        if not await self._completes_within(invocation.wait(), seconds):
            kind = "Sandbox.Timedout" if self.is_alive else "Runtime.ExitError"
            invocation.end(InvocationError(kind, f"{self._plan.name} did not answer"))
            await self.stop()
            return
        # Lambda freezes an environment after the response, and when the runtime waits for the next event. Both are
        # checked, because the adapter also sends a response when its service has crashed.
        if await self._completes_within(self._api.idle.wait(), SIGTERM_S) and self.is_alive:
            self._freeze()
        else:
            await self.stop()

    async def stop(self) -> None:
        """Stop the processes: SIGTERM to the runtime if an extension is registered, then SIGKILL to all."""
        if self._processes:
            self._thaw()
            runtime = self._processes[0]
            if runtime.returncode is None and self._api.has_extensions:
                _signal(runtime, signal.SIGTERM)
                await asyncio.wait({asyncio.ensure_future(runtime.wait())}, timeout=SIGTERM_S)
            for process in self._processes:
                _signal(process, signal.SIGKILL)
                await process.wait()
        if self._runner:
            await self._runner.cleanup()
        if self._log:
            self._log.close()

    def kill(self) -> None:
        """Kill the service, as a crash would."""
        _signal(self._processes[0], signal.SIGKILL)

    def _freeze(self) -> None:
        for process in self._processes:
            _signal(process, signal.SIGSTOP)

    def _thaw(self) -> None:
        for process in self._processes:
            _signal(process, signal.SIGCONT)

    async def _completes_within(self, waiting: Coroutine[Any, Any, object], seconds: float) -> bool:
        """False if the time is over, or if one of the processes ended first."""
        wanted = asyncio.ensure_future(waiting)
        ended = [asyncio.ensure_future(process.wait()) for process in self._processes]
        try:
            done, _ = await asyncio.wait({wanted, *ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return wanted in done
        finally:
            for each in (wanted, *ended):
                each.cancel()

    def _variables(self, port: int) -> dict[str, str]:
        plan = self._plan
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "LAMBDA_TASK_ROOT": str(plan.task),
            "AWS_LAMBDA_RUNTIME_API": f"{_HOST}:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": plan.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(plan.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{plan.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            **plan.variables,
            **(_own_port() if plan.adapter else {}),
        }


def _end_with_host() -> None:
    die_with_parent(signal.SIGKILL)


def _own_port() -> dict[str, str]:
    with socket.socket() as found:
        found.bind((_HOST, 0))
        port = str(found.getsockname()[1])
    return {"AWS_LWA_PORT": port, "COLLOQUY_PORT": port}


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
