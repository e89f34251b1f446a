"""`make up` at a terminal: start, kill, restart, stop and forget."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from infra.local.supervisor import processes

ROOT = Path(__file__).parents[3]
SECONDS_TO_START = 90


@dataclass
class Terminal:
    """A state folder and a port for `make up`, which can be started several times."""

    state: Path
    port: int
    output: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "STATE": str(self.state), "PORT": str(self.port)}

    def up(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "infra.local.up"], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", f"infra.local.up.{name}", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def wait_until_ready(self, up: subprocess.Popen[bytes]) -> None:
        for attempt in Retrying(stop=stop_after_delay(SECONDS_TO_START), wait=wait_fixed(0.1), reraise=True):
            with attempt:
                assert up.poll() is not None or "Colloquy is ready" in self.output.read_text()
        assert up.poll() is None, self.output.read_text()

    def status(self, path: str, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def running(self, text: str) -> int:
        """The id of the process that is marked with this folder and has this text in its command."""
        found = {
            pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for pid in processes.marked(self.state)
        }
        (pid,) = [pid for pid, command in found.items() if text in command]
        return pid


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    terminal = Terminal(tmp_path / "state", port, tmp_path / "output")
    yield terminal
    terminal.module("down")
    assert processes.marked(terminal.state) == set()


@pytest.mark.timeout(300)
def test_the_local_system_starts_recovers_restarts_and_stops(terminal: Terminal) -> None:
    up = terminal.up()
    terminal.wait_until_ready(up)
    token = terminal.module("token", "user@example.com").stdout.strip()
    assert terminal.status("/api/chat/conversations", token) == 200
    assert terminal.status("/api/chat/conversations") == 401
    assert terminal.status("/internal/bots/bots", token) == 404

    second = terminal.module("__main__")
    assert (second.returncode, "already runs" in second.stderr) == (1, True)

    ports = json.loads((terminal.state / "run" / "ports.json").read_text())
    os.kill(terminal.running("services.chat"), signal.SIGKILL)
    for attempt in Retrying(stop=stop_after_delay(20), wait=wait_fixed(0.1), reraise=True):
        with attempt:
            assert terminal.status("/api/chat/conversations", token) == 200

    up.kill()
    up.wait()
    up = terminal.up()
    terminal.wait_until_ready(up)
    assert json.loads((terminal.state / "run" / "ports.json").read_text()).keys() == ports.keys()
    assert terminal.status("/api/chat/conversations", token) == 200, "people and keys survive a restart"

    up.send_signal(signal.SIGINT)
    assert up.wait(30) == 0
    assert processes.marked(terminal.state) == set()
    assert terminal.module("down").stdout == "nothing was running\n"
    assert terminal.module("down", "--forget").returncode == 0
    assert not terminal.state.exists()


def test_a_busy_port_is_reported_in_one_line(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", terminal.port))
        taken.listen()
        up = terminal.up()
        assert up.wait(20) == 1
    assert terminal.output.read_text().splitlines() == [
        f"make up: port {terminal.port} is busy; choose another one: make up PORT={terminal.port + 1}"
    ]


def test_an_invalid_setting_is_reported_in_one_line(terminal: Terminal) -> None:
    wrong = {**terminal.environment, "PORT": "many"}
    up = subprocess.run(
        [sys.executable, "-m", "infra.local.up"], cwd=ROOT, env=wrong, capture_output=True, text=True, check=False
    )
    assert up.returncode == 1
    assert len(up.stderr.splitlines()) == 1
    assert up.stderr.startswith("make up: PORT: ")


def test_a_token_without_a_running_system_is_refused_in_one_line(terminal: Terminal) -> None:
    refused = terminal.module("token", "user@example.com")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nothing is running" in refused.stderr
