"""An embedded AWS for a test session: free port, temporary folder, deployed stacks, demo users."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localstack_client.session import Session

from infra.deploy.stack_names import PLATFORM
from infra.local.aws.deploy import DeployedStacks, deploy
from infra.local.aws.launcher import LauncherOptions, environment
from infra.local.seed import seed, token

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-aws/bin/python"
START_DEADLINE_S = 30.0


@dataclass(frozen=True)
class EmbeddedAws:
    """A running embedded AWS. `state` is its folder."""

    endpoint: str
    state: Path
    process: subprocess.Popen[bytes]

    def client(self, service: str) -> Any:
        """A boto3 client from localstack-client for this AWS, independent of the environment."""
        return Session(localstack_host=urlsplit(self.endpoint).netloc).client(service)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs for botocore to find this AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }


@dataclass(frozen=True)
class DeployedAws:
    """An embedded AWS with every stack deployed and the demo users in it."""

    aws: EmbeddedAws
    deployment: DeployedStacks

    @property
    def platform(self) -> Mapping[str, str]:
        return self.deployment.outputs[PLATFORM]

    def outputs(self, service: str) -> Mapping[str, str]:
        return self.deployment.outputs[service]

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def environment(self, service: str) -> dict[str, str]:
        """Variables for a process of `service`, botocore's included; secrets and ports are for the caller to add."""
        return {**self.aws.environment, **self.deployment.outputs_as_settings(service)}

    def token(self, email: str) -> str:
        return token(self.client("cognito-idp"), self.platform, email)


@contextmanager
def running_aws(state: Path, port: int, *options: str) -> Iterator[EmbeddedAws]:
    """Start, wait until it answers, and end it with SIGTERM."""
    command = [str(PYTHON), "-m", "infra.local.aws", f"--port={port}", f"--state={state}", *options]
    with _running(command, state, port, os.environ) as aws:
        yield aws


@contextmanager
def running_stock_aws(state: Path, port: int) -> Iterator[EmbeddedAws]:
    """The same ministack without our patches, to show the faults that they fix."""
    options = LauncherOptions(port, state, snapshot_seconds=0, log_level="WARNING")
    options.work.mkdir(parents=True)
    command = [str(PYTHON), "-c", "from ministack.app import main; main()"]
    with _running(command, state, port, {**os.environ, **environment(options)}) as aws:
        yield aws


@contextmanager
def _running(command: list[str], state: Path, port: int, variables: Mapping[str, str]) -> Iterator[EmbeddedAws]:
    with (state.parent / f"{state.name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=variables)
    aws = EmbeddedAws(f"http://127.0.0.1:{port}", state, process)
    try:
        wait_until_ready(aws, Path(log.name))
        yield aws
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def running_stack(
    folder: Path, port: int, start: Callable[[Path, int], AbstractContextManager[EmbeddedAws]] = running_aws
) -> Iterator[DeployedAws]:
    with start(folder / "aws", port) as aws:
        deployment = deploy(aws.endpoint)
        stack = DeployedAws(aws, deployment)
        seed(stack.client("cognito-idp"), stack.platform["UserPoolId"])
        yield stack


def wait_until_ready(aws: EmbeddedAws, log: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline:
        if aws.process.poll() is not None:
            raise RuntimeError(f"the embedded AWS ended at its start: {log.read_text()}")
        try:
            urllib.request.urlopen(f"{aws.endpoint}/_ministack/health", timeout=START_DEADLINE_S).close()  # noqa: S310
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the embedded AWS gave no answer within {START_DEADLINE_S:.0f} s: {log.read_text()}")
