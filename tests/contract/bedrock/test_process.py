"""The process of the model server: its start and its end."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from tests.contract.bedrock.conftest import ONE_ATTEMPT, ROOT, ModelServer, conversation, running


def test_the_log_of_requests_survives_a_kill(tmp_path: Path) -> None:
    log = tmp_path / "served.jsonl"
    with running(log) as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=ONE_ATTEMPT)
        client.converse(**conversation("hi"))
        stream = client.converse_stream(**conversation("[[gap=30000]]"))["stream"]
        next(iter(stream))
        server.process.kill()
        server.process.wait(5)
        stream.close()
        client.close()
    with running(log) as server:
        assert [entry["outcome"] for entry in server.entries()] == ["completed", "server_died"]


def test_sigterm_ends_the_process_within_seconds_also_with_an_open_stream(tmp_path: Path) -> None:
    with running(tmp_path / "served.jsonl") as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=ONE_ATTEMPT)
        stream = client.converse_stream(**conversation("[[gap=30000]]"))["stream"]
        next(iter(stream))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0
        stream.close()
        client.close()
    assert '"outcome": "server_stopped"' in server.log.read_text()


def start(*options: str) -> Any:
    command = [sys.executable, "-m", "infra.local.bedrock", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def test_a_busy_port_is_reported_in_one_line(model_server: ModelServer) -> None:
    port = model_server.address.rsplit(":", 1)[1]
    ended = start("--port", port)
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1].startswith(f"model server: cannot listen on port {port}")
    assert "Traceback" not in ended.stderr


def test_a_missing_model_file_is_reported_at_the_start() -> None:
    ended = start("--port", "0", "--model-file", "nowhere.gguf")
    assert ended.returncode != 0
    assert "there is no file nowhere.gguf" in ended.stderr
