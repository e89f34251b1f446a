"""A system to be hurt: embedded AWS, model server, fault proxy and services, kept running by the supervisor.

The same supervisor as `make up` has, so a process that is killed comes back by itself. The state folder outlives the
run: a run that was broken off goes on with what its system knew.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from infra.deploy.stack_names import PLATFORM
from infra.local.aws.deploy import DeployedStacks, client, deploy
from infra.local.seed import seed, token
from infra.local.supervisor.daemon import Supervisor
from infra.local.up import environment, ports
from infra.local.up.readiness import wait_until_ready
from infra.local.up.state import State, end_leftovers
from tests.chaos.process_specs import AWS, GATEWAY, MODELS, PROXY, ProcessSpec, Programs
from tests.stack import ROOT

READY_S: Final = 60.0
_POLL_S: Final = 0.02


class ChaosSystem:
    """Built by `chaos_system`; `start` and `stop` may be called again, as a machine is switched off and on."""

    def __init__(self, folder: Path, specs: Sequence[ProcessSpec], *, gateway: Mapping[str, str] | None = None) -> None:
        self.state = State(folder.resolve())
        self.specs = {spec.name: spec for spec in specs}
        self._gateway = gateway
        self._supervisor: Supervisor | None = None
        self._deployment: DeployedStacks | None = None
        self._clients: dict[str, Any] = {}

    def prepare(self) -> None:
        self.state.prepare()
        end_leftovers(self.state)
        noted = self.state.read_note("ports")
        names = [AWS, MODELS, PROXY, GATEWAY, *self.specs]
        chosen = ports.choose(names, noted if isinstance(noted, dict) else {}, taken=0)
        self.state.write_note("ports", chosen)
        self._programs = Programs(self.state, chosen, dict(os.environ))

    async def start(self) -> None:
        await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        """SIGTERM to all, in the order that `make up` has."""
        if self._supervisor:
            await asyncio.to_thread(self._supervisor.stop)
        self._supervisor = None

    def url(self, name: str) -> str:
        return self._programs.address(name)

    def pid(self, name: str) -> int:
        """0 while it does not run."""
        assert self._supervisor
        state, pid = self._supervisor.states()[name]
        return pid if state in {"RUNNING", "STARTING"} else 0

    def signal(self, name: str, number: signal.Signals) -> int:
        """The process id that was hit."""
        pid = self.pid(name)
        assert pid, f"{name} does not run"
        os.kill(pid, number)
        return pid

    def kill(self, name: str) -> float:
        """As the kernel does it. The time of it, seconds since 1970."""
        self.signal(name, signal.SIGKILL)
        return time.time()

    async def gone(self, pid: int, deadline_s: float) -> float | None:
        """Seconds until this process has ended; None when it has not by the deadline."""
        began = time.monotonic()
        while time.monotonic() - began < deadline_s:
            if not _lives(pid):
                return time.monotonic() - began
            await asyncio.sleep(_POLL_S)
        return None

    async def ready(self, *names: str) -> None:
        """Wait until these parts answer."""
        await asyncio.gather(*(asyncio.to_thread(self._wait, name) for name in names))

    def client(self, service: str) -> Any:
        """Of the embedded AWS, past the proxy. Safe in threads."""
        if service not in self._clients:
            self._clients[service] = client(service, self.url(AWS))
        return self._clients[service]

    def outputs(self, service: str) -> Mapping[str, str]:
        assert self._deployment
        return self._deployment.outputs[service]

    def token(self, email: str = "user@example.com") -> str:
        return token(self.client("cognito-idp"), self.outputs(PLATFORM), email)

    def settings(self, service: str) -> dict[str, str]:
        """The environment in which somebody would run a command of ours against this system."""
        assert self._deployment
        return {**environment.aws(self.url(AWS)), **self._deployment.outputs_as_settings(service)}

    def _start(self) -> None:
        supervisor = self._supervisor = Supervisor(self.state.folder, environment.base(dict(os.environ), ROOT), ROOT)
        supervisor.start()
        supervisor.run("foundation", self._programs.foundation())
        for name in (AWS, MODELS, PROXY):
            self._wait(name)
        deployment = self._deployment = deploy(self.url(AWS))
        seed(self.client("cognito-idp"), deployment.outputs[PLATFORM]["UserPoolId"])
        supervisor.run("services", [self._programs.service(spec, deployment) for spec in self.specs.values()])
        if self._gateway:
            supervisor.run("edge", [self._programs.gateway(self._gateway, deployment)])
        for name in [*self.specs, *([GATEWAY] if self._gateway else [])]:
            self._wait(name)

    def _wait(self, name: str) -> None:
        if name in self.specs and "http" not in (self.specs[name].roles or "http"):
            return  # it listens nowhere
        paths = {AWS: "/_ministack/health", MODELS: "/health", PROXY: "/_faults", GATEWAY: "/config.json"}
        path = paths.get(name) or f"/api/{self.specs[name].service}/ready"
        wait_until_ready(name, self.url(name) + path, self.state.logs / f"{name}.log", time.monotonic() + READY_S)


def _lives(pid: int) -> bool:
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False


@asynccontextmanager
async def chaos_system(
    folder: Path, specs: Sequence[ProcessSpec], *, gateway: Mapping[str, str] | None = None
) -> AsyncIterator[ChaosSystem]:
    """The system in this folder, running until the block ends."""
    built = ChaosSystem(folder, specs, gateway=gateway)
    built.prepare()
    with built.state.lock():
        try:
            await built.start()
            yield built
        finally:
            await built.stop()
