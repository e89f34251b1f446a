"""The system under a benchmark: embedded AWS, model server, chat, bare relay, people, and the load generator."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any

from infra.local.seed import DEMO_PASSWORD
from tests.bench.plan import Lane, Pace, Side, StreamRequest, StreamResult
from tests.ports import free_port
from tests.stack import ROOT, DeployedAws, running_stack
from tests.system import Process, System, running_system

_PEOPLE = 70  # each user may have three running turns
_SETTLES_S = 0.5  # work after a turn, such as publishing its events, is part of its cost
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UTIME = 11  # index in /proc/<pid>/stat after the process name, which may contain blanks


@dataclass(frozen=True)
class Run:
    """One run of the generator: the result of each stream, and the CPU seconds of each process."""

    results: list[StreamResult]
    cpu: dict[str, float]

    def of(self, side: Side) -> list[StreamResult]:
        return [each for each in self.results if each.side == side]

    def cpu_ms_per_token(self, side: Side) -> float:
        """CPU time of that side's process, including the starts and ends of its turns, per token."""
        return self.cpu[side] * 1000 / sum(each.tokens for each in self.of(side))


@dataclass
class BenchSystem:
    system: System
    chat: Process
    relay: Process
    generator: subprocess.Popen[str]
    people: list[str]
    say: Callable[[str], None]
    all_results: list[StreamResult] = field(default_factory=list)

    def request(self, side: Side, pace: Pace, person: int = 0, at: float = 0.0) -> StreamRequest:
        if side == "relay":
            return StreamRequest(side, self.relay.url, pace=pace, at=at)
        return StreamRequest(side, self.chat.url, self.people[person % len(self.people)], pace, at)

    def run(self, lanes: list[Lane]) -> Run:
        """Run the lanes concurrently, then compare every turn's log with its message."""
        self._write([[request.as_json() for request in lane] for lane in lanes])
        self._expect("ready")
        self._purge_events()
        before = self._cpu()
        self._write("go")
        self._expect("ran")
        sleep(_SETTLES_S)
        used = {name: after - before[name] for name, after in self._cpu().items()}
        self._write("check")
        results = [StreamResult(**each) for each in self._read()]
        self.all_results += results
        return Run(results, used)

    def _purge_events(self) -> None:
        """No service consumes chat's events here: without the purge, the queue would grow in the embedded AWS."""
        queue = self.system.stack.outputs("analytics")["EventsQueueUrl"]
        self.system.stack.client("sqs").purge_queue(QueueUrl=queue)

    def renew_people(self) -> None:
        """Sign in again: the tokens are valid for half an hour."""
        self.people = _people(self.system.stack)

    def _cpu(self) -> dict[str, float]:
        assert self.system.models
        pids = {
            "chat": self.chat.popen.pid,
            "relay": self.relay.popen.pid,
            "models": self.system.models.popen.pid,
            "aws": self.system.stack.aws.process.pid,
            "load": self.generator.pid,
        }
        return {name: cpu_s(pid) for name, pid in pids.items()}

    def _write(self, value: Any) -> None:
        assert self.generator.stdin
        self.generator.stdin.write(json.dumps(value) + "\n")
        self.generator.stdin.flush()

    def _read(self) -> Any:
        assert self.generator.stdout
        line = self.generator.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        return json.loads(line)

    def _expect(self, expected: str) -> None:
        if (received := self._read()) != expected:
            raise RuntimeError(f"the load generator wrote {received}, not {expected}")


@contextmanager
def bench_system(folder: Path, say: Callable[[str], None], **settings: str) -> Iterator[BenchSystem]:
    say("starting an embedded AWS, a model server, chat and the bare relay")
    with (
        running_stack(fresh(folder), free_port()) as stack,
        running_system(stack, folder / "system", **settings) as built,
    ):
        assert built.models
        chat = built.start("chat")
        relay = built.start_module("tests.bench.relay", "--models", built.models.url)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as generator:  # fmt: skip
            try:
                yield BenchSystem(built, chat, relay, generator, _people(stack), say)
            finally:
                generator.kill()


def fresh(folder: Path) -> Path:
    """Empty the folder: an interrupted run may have left files in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _people(stack: DeployedAws) -> list[str]:
    """Tokens of as many users as the largest case needs."""
    pool, client = stack.platform["UserPoolId"], stack.client("cognito-idp")
    known = {user["Username"] for user in client.list_users(UserPoolId=pool, Limit=60)["Users"]}
    emails = [f"bench-{number}@example.com" for number in range(_PEOPLE)]
    for email in emails if len(known) < _PEOPLE // 2 else ():
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        person = {"UserPoolId": pool, "Username": email}
        client.admin_create_user(**person, MessageAction="SUPPRESS", UserAttributes=attributes)
        client.admin_set_user_password(**person, Password=DEMO_PASSWORD, Permanent=True)
    return [stack.token(email) for email in emails]


def cpu_s(pid: int) -> float:
    """CPU seconds that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) / _TICKS_PER_S


def rss_mb(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024
