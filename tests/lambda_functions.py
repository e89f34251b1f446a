"""Our Lambda functions in tests: each environment is a process, and the test invokes it as Lambda would."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.lambda_service import FakeContext, QueueMapping
from tests.stack import ROOT
from tests.system import SECRETS, System


@dataclass
class Function:
    """A started environment. Call it as Lambda does; `log` has its output."""

    popen: subprocess.Popen[str]
    log: Path

    def __call__(self, event: Any, context: FakeContext) -> Any:
        self.send(event, context.get_remaining_time_in_millis() / 1000)
        return self.answer()

    def send(self, event: Any, seconds: float) -> None:
        assert self.popen.stdin
        self.popen.stdin.write(json.dumps({"event": event, "seconds": seconds}, default=str) + "\n")
        self.popen.stdin.flush()

    def answer(self) -> Any:
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        if not line:
            raise ConnectionResetError(f"the environment ended: {self.log.read_text()[-2000:]}")
        response = json.loads(line)
        if "error" in response:
            raise RuntimeError(f"the function failed: {response['error']}")
        return response["answer"]

    def kill(self) -> None:
        self.popen.kill()
        self.end()

    def end(self) -> None:
        self.popen.terminate()
        self.popen.wait(10)
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe:
                pipe.close()

    def metrics(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if "_aws" in line]


@dataclass
class Functions:
    """Functions of a system; they end with the test."""

    system: System
    folder: Path
    _open: ExitStack = field(default_factory=ExitStack)
    _count: int = 0

    def start(self, service: str, name: str, **settings: str) -> Function:
        self._count += 1
        log = self.folder / f"function-{self._count}-{service}-{name}.log"
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COLLOQUY_"))}
        more = {f"COLLOQUY_{name.upper()}": value for name, value in {**self.system.settings, **settings}.items()}
        environment = own | self.system.stack.environment(service) | SECRETS | {"PYTHONPATH": str(ROOT)} | more
        if self.system.models:
            environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = self.system.models.url
        module = "lambda_relay" if name in {"relay", "sweep"} else "lambda_handlers"
        command = [sys.executable, "-m", "tests.lambda_environment", f"services.{service}.{module}", name]
        with log.open("w") as out:
            popen = subprocess.Popen(
                command, cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out,
            )  # fmt: skip
        function = Function(popen, log)
        self._open.callback(function.end)
        return function

    def mapping(self, service: str, queue: str, function: Function, *, batch_size: int = 10) -> QueueMapping:
        """Map the service's queue `Events`, `Turns`, `Watchdogs` or `Calls` to one environment."""
        url = self.system.stack.outputs(service)[f"{queue}QueueUrl"]
        return QueueMapping(self.system.stack.client("sqs"), url, function, batch_size=batch_size)

    def streamed(self, service: str) -> list[dict[str, Any]]:
        """All records of the stream of the service's table, as Lambda receives them."""
        streams, table = self.system.stack.client("dynamodbstreams"), self.system.stack.outputs(service)["Table"]
        (stream,) = streams.list_streams(TableName=table)["Streams"]
        shards = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
        records: list[dict[str, Any]] = []
        for shard in shards:
            where = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"]}
            iterator = streams.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                records += answer["Records"]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return records

    def close(self) -> None:
        self._open.close()
