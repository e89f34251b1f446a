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

_PEOPLE = 70  # nobody has more than three running turns
_SETTLES_S = 0.5  # what a turn leaves behind, its events above all, is part of its cost
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UTIME = 11  # of /proc/<pid>/stat, counted after the name, which may hold blanks


@dataclass(frozen=True)
class Run:
    """One run of the generator: what was told of each stream, and what each process used meanwhile (CPU seconds)."""

    results: list[StreamResult]
    cpu: dict[str, float]

    def of(self, side: Side) -> list[StreamResult]:
        return [each for each in self.results if each.side == side]

    def cpu_ms_per_token(self, side: Side) -> float:
        """Of the process of that side, for all of its turns: their starts and ends too."""
        return self.cpu[side] * 1000 / sum(each.tokens for each in self.of(side))


@dataclass
class BenchSystem:
    system: System
    chat: Process
    relay: Process
    generator: subprocess.Popen[str]
    people: list[str]
    tell: Callable[[str], None]
    all_results: list[StreamResult] = field(default_factory=list)

    def request(self, side: Side, pace: Pace, person: int = 0, at: float = 0.0) -> StreamRequest:
        if side == "relay":
            return StreamRequest(side, self.relay.url, pace=pace, at=at)
        return StreamRequest(side, self.chat.url, self.people[person % len(self.people)], pace, at)

    def run(self, lanes: list[Lane]) -> Run:
        """Have the lanes run beside one another, then compare every turn's log with its message."""
        self._write([[ask.as_json() for ask in lane] for lane in lanes])
        self._expect("ready")
        self._forget_events()
        before = self._cpu()
        self._write("go")
        self._expect("ran")
        sleep(_SETTLES_S)
        used = {name: after - before[name] for name, after in self._cpu().items()}
        self._write("check")
        results = [StreamResult(**each) for each in self._read()]
        self.all_results += results
        return Run(results, used)

    def _forget_events(self) -> None:
        """Nobody consumes here what chat tells: else the queues would grow, and the embedded AWS with them."""
        queue = self.system.stack.outputs("analytics")["EventsQueueUrl"]
        self.system.stack.client("sqs").purge_queue(QueueUrl=queue)

    def renew_people(self) -> None:
        """Their tokens live half an hour."""
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

    def _write(self, what: Any) -> None:
        assert self.generator.stdin
        self.generator.stdin.write(json.dumps(what) + "\n")
        self.generator.stdin.flush()

    def _read(self) -> Any:
        assert self.generator.stdout
        line = self.generator.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        return json.loads(line)

    def _expect(self, word: str) -> None:
        if (received := self._read()) != word:
            raise RuntimeError(f"the load generator said {received}, not {word}")


@contextmanager
def bench_system(folder: Path, tell: Callable[[str], None], **settings: str) -> Iterator[BenchSystem]:
    tell("starting an embedded AWS, a model server, chat and the bare relay")
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
                yield BenchSystem(built, chat, relay, generator, _people(stack), tell)
            finally:
                generator.kill()


def fresh(folder: Path) -> Path:
    """Empty the folder: a run that was interrupted may have left something."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _people(stack: DeployedAws) -> list[str]:
    """Tokens of as many people as the busiest bench needs."""
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
    """Seconds of processor that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) / _TICKS_PER_S


def rss_mb(pid: int) -> float:
    """Memory that is resident."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024
