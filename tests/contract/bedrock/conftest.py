"""A running model server and the two clients that production code and tests use."""

import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import boto3
import pytest
from aiobotocore.session import get_session
from botocore.config import Config

from tests.polling import eventually
from tests.ports import free_port

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, read_timeout=5, connect_timeout=2)
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class ModelServer:
    address: str
    log: Path
    process: subprocess.Popen[bytes]

    def entries(self) -> list[dict[str, Any]]:
        with urlopen(f"{self.address}/_log", timeout=5) as answer:  # noqa: S310 - our own address
            entries: list[dict[str, Any]] = json.load(answer)["entries"]
        return entries

    def entry_of(self, invocation_id: str) -> dict[str, Any]:
        """Wait until the request has ended; return its log entry."""
        found = eventually(
            lambda: [
                entry
                for entry in self.entries()
                if entry["metadata"].get("invocation_id") == invocation_id and entry["ended_at"]
            ],
            5,
        )
        assert len(found) == 1, found
        return found[0]

    def clear_log(self) -> None:
        urlopen(Request(f"{self.address}/_log", method="DELETE"), timeout=5).close()  # noqa: S310 - our own address

    def is_healthy(self) -> bool:
        with contextlib.suppress(URLError, ConnectionError), urlopen(f"{self.address}/health", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
        return False


@contextlib.contextmanager
def running(log: Path, *options: str) -> Iterator[ModelServer]:
    port = free_port()
    command = [sys.executable, "-m", "infra.local.bedrock", "--port", str(port), "--log", str(log), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    server = ModelServer(f"http://127.0.0.1:{port}", log, process)
    try:
        assert eventually(server.is_healthy, 15)
        yield server
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    with running(tmp_path_factory.mktemp("bedrock") / "served.jsonl") as server:
        yield server


@pytest.fixture(scope="session")
def bedrock(model_server: ModelServer) -> Iterator[Any]:
    """Botocore's client with one attempt."""
    client = boto3.client("bedrock-runtime", endpoint_url=model_server.address, config=ONE_ATTEMPT)
    yield client
    client.close()


@pytest.fixture
async def async_bedrock(model_server: ModelServer) -> AsyncIterator[Any]:
    """Aiobotocore's client with one attempt."""
    session = get_session()
    async with session.create_client(
        "bedrock-runtime", endpoint_url=model_server.address, config=ONE_ATTEMPT
    ) as client:
        yield client


def conversation(text: str, model: str = "scripted.fast", **more: Any) -> dict[str, Any]:
    """Arguments of Converse and ConverseStream for one question."""
    return {"modelId": model, "messages": [{"role": "user", "content": [{"text": text}]}], **more}
