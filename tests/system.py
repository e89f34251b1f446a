"""The system in a test: real processes of a model server and services on free ports, with an embedded AWS."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.stack import ROOT, DeployedAws

READY_DEADLINE_S = 30.0
ENDED_DEADLINE_S = 15.0
SECRETS = {
    "COLLOQUY_CURSOR_SECRET": "cursor-secret-of-the-tests-0123456789",
    "COLLOQUY_INTERNAL_TOKEN_SECRET": "internal-secret-of-the-tests-0123456789",
}


@dataclass
class Process:
    """A process that the tests have started. `log` has its output."""

    name: str
    port: int
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self.popen.kill()
        self.popen.wait(ENDED_DEADLINE_S)

    def end(self) -> int:
        """Send SIGTERM; return the exit code."""
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            return self.popen.wait(ENDED_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            raise


StartProcess = Callable[..., Process]
"""Starts a process with settings, like `System.start`."""


@dataclass
class System:
    """Starts processes that end with the test. `models` is the model server, once it runs."""

    stack: DeployedAws
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    models: Process | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _count: int = 0

    def start_models(self) -> Process:
        self.models = self._start("models", ["-m", "infra.local.bedrock"], "/health", {}, "--port", port_option=True)
        return self.models

    def start(self, service: str, *arguments: str, **settings: str) -> Process:
        """Start `python -m services.<service>`; `settings` are `COLLOQUY_` variables by their lower-case names."""
        more = {f"COLLOQUY_{name.upper()}": value for name, value in {**self.settings, **settings}.items()}
        return self._start(
            service, ["-m", f"services.{service}", *arguments], f"/api/{service}/ready", more, "", port_option=False
        )

    def start_module(self, module: str, *arguments: str) -> Process:
        """Start a server module that has the option `--port` and the route `/health`."""
        name = module.rpartition(".")[2]
        return self._start(name, ["-m", module, *arguments], "/health", {}, "--port", port_option=True)

    def served(self) -> list[dict[str, Any]]:
        """The requests in the log of the model server, with their token counts."""
        assert self.models
        with urllib.request.urlopen(f"{self.models.url}/_log", timeout=5) as answer:  # noqa: S310
            served: list[dict[str, Any]] = json.load(answer)["entries"]
            return served

    def token(self, email: str) -> str:
        return self.stack.token(email)

    def _start(
        self,
        name: str,
        command: list[str],
        ready: str,
        settings: Mapping[str, str],
        option: str,
        *,
        port_option: bool,
    ) -> Process:
        self._count += 1
        port = free_port()
        log = self.folder / f"{self._count}-{name}.log"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COLLOQUY_"))
        } | (self.stack.environment(name) if not port_option else {})
        environment |= SECRETS | {"COLLOQUY_PORT": str(port), "PYTHONPATH": str(ROOT), **settings}
        if self.models:
            environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = self.models.url
        arguments = [option, str(port)] if port_option else []
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, *command, *arguments], cwd=ROOT, env=environment, stdout=out, stderr=out
            )
        process = Process(name, port, popen, log)
        self._open.callback(process.end)
        _until_ready(process, ready)
        return process

    def close(self) -> None:
        self._open.close()


@contextmanager
def running_system(stack: DeployedAws, folder: Path, **settings: str) -> Iterator[System]:
    folder.mkdir(parents=True, exist_ok=True)
    defaults = {
        "model_sources": '["scripted"]',
        "default_model": "scripted.lorem",
        "title_model": "scripted.title",
        "running_turns_limit": "1000",  # many tests share one demo user; the tests of limits set them
        "open_streams_limit": "1000",
    }
    built = System(stack, folder, defaults | settings)
    try:
        built.start_models()
        yield built
    finally:
        built.close()


def _until_ready(process: Process, path: str) -> None:
    deadline = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < deadline:
        if process.popen.poll() is not None:
            raise RuntimeError(f"{process.name} ended at its start: {process.log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(process.url + path, timeout=5).close()  # noqa: S310
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.name} was not ready in time: {process.log.read_text()[-3000:]}")
