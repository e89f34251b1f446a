"""Runs supervisord as a child process: starts it, adds groups of programs, restarts it when killed, ends it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from infra.local.supervisor import processes, supervisord_config
from infra.local.supervisor.parent_death import become_subreaper
from infra.local.supervisor.supervisord_config import Program

_START_SECONDS = 10.0
_STOP_SECONDS = 40.0
_POLL_SECONDS = 0.05


class SupervisorNotStartedError(Exception):
    """supervisord ended or did not answer; the message names its log."""


class Supervisor:
    """Marks every process that it starts with the state folder, in an environment variable. `stop` ends all of them."""

    def __init__(self, state: Path, environment: Mapping[str, str], repository: Path) -> None:
        self._run, self._logs = state / "run", state / "logs"
        self._environment = {**environment, processes.MARK: str(state.resolve()), "PYTHONPATH": str(repository)}
        self._repository = repository
        self._socket = supervisord_config.control_socket(self._run)
        self._start_files: list[Path] = []
        self._daemon: subprocess.Popen[bytes] | None = None
        self._groups = 0

    def start(self) -> None:
        """Start supervisord. Raises SupervisorNotStartedError, and OSError if the disk is full."""
        for folder in (self._run, self._logs):
            folder.mkdir(parents=True, exist_ok=True)
        for old in self._run.glob("*.ini"):
            old.unlink()
        become_subreaper()
        (self._run / "supervisord.conf").write_text(
            supervisord_config.daemon(self._run, self._logs, self._socket), encoding="utf-8"
        )
        self._launch()

    def run(self, group: str, programs: Sequence[Program]) -> None:
        """Start a group of programs. Groups are stopped in the reverse order of their start."""
        self._groups += 1
        marked = [self._marked(program) for program in programs]
        self._start_files += [program.start_file(self._run) for program in programs]
        text = supervisord_config.group(group, self._groups, marked, self._run, self._logs)
        (self._run / f"{self._groups}-{group}.ini").write_text(text, encoding="utf-8")
        with self._control() as control:
            control.reloadConfig()
            control.addProcessGroup(group)

    def states(self) -> dict[str, tuple[str, int]]:
        """Program name → supervisord's state (RUNNING, BACKOFF, …) and the process id, 0 if it does not run."""
        with self._control() as control:
            infos: list[dict[str, Any]] = control.getAllProcessInfo()
        return {info["name"]: (str(info["statename"]), int(info["pid"])) for info in infos}

    def maintain(self) -> None:
        """Restart supervisord if it was killed, and end processes that lost their parent. Call it once a second."""
        if self._daemon is not None and self._daemon.poll() is not None:
            processes.end(self._orphans, grace_seconds=_STOP_SECONDS / 4)
            self._launch()
        elif self._orphans():
            processes.end(self._orphans, grace_seconds=2)

    def stop(self) -> None:
        """End all processes that were started, including grandchildren. Does nothing if nothing runs.

        Deletes the start files, because the environment in them may hold secrets.
        """
        if self._daemon is not None:
            self._daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._daemon.wait(_STOP_SECONDS)
            if self._daemon.poll() is None:
                self._daemon.kill()
                self._daemon.wait()
            self._daemon = None
        processes.end(self._orphans, grace_seconds=2)
        self._socket.unlink(missing_ok=True)
        for file in self._start_files:
            file.unlink(missing_ok=True)

    def _launch(self) -> None:
        self._socket.unlink(missing_ok=True)
        program = Program(
            name="supervisord",
            argv=(sys.executable, "-m", "supervisor.supervisord", "-c", str(self._run / "supervisord.conf")),
            environment=self._environment,
            directory=str(self._repository),
        )
        command = [sys.executable, "-m", "infra.local.supervisor.parent_death", str(program.write(self._run))]
        # In its own session, so that Ctrl-C in the terminal reaches only this process, which ends the others in order.
        self._daemon = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=self._repository, env=self._environment, start_new_session=True, stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._daemon.poll() is not None or time.monotonic() > deadline:
                raise SupervisorNotStartedError(f"the supervisor did not start; see {self._logs / 'supervisor.log'}")
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        try:
            with self._control() as control:
                control.getState()
        except (OSError, HTTPException, Fault):
            return False
        return True

    @contextmanager
    def _control(self) -> Iterator[Any]:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            yield ServerProxy("http://localhost", transport=transport).supervisor
        finally:
            transport.close()

    def _marked(self, program: Program) -> Program:
        mark = {processes.MARK: self._environment[processes.MARK]}
        return replace(program, environment={**program.environment, **mark})

    def _orphans(self) -> set[int]:
        own = {self._daemon.pid} if self._daemon is not None else set[int]()
        mark = processes.marked(self._run.parent)
        return (processes.children(os.getpid()) - own) & mark
