"""The small local model, and other OpenAI-compatible servers."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiobotocore.session import get_session
from aiohttp import web
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from infra.local.bedrock.llama.process import smollm2_file
from tests.contract.bedrock.conftest import ModelServer, conversation, running
from tests.ports import free_port

LONG_TIMEOUT = Config(retries={"total_max_attempts": 1}, read_timeout=90)


@pytest.fixture(scope="module")
def client(model_server: ModelServer) -> Iterator[Any]:
    client = boto3.client("bedrock-runtime", endpoint_url=model_server.address, config=LONG_TIMEOUT)
    yield client
    client.close()


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)


def test_the_small_model_answers_and_counts_its_tokens(client: Any, model_server: ModelServer) -> None:
    request = conversation(
        "Say hello.",
        "local.smollm2",
        inferenceConfig={"maxTokens": 6, "temperature": 0},
        requestMetadata={"invocation_id": "inv_small"},
    )
    events = list(client.converse_stream(**request)["stream"])
    assert text_of(events).strip()
    assert events[-2] == {"messageStop": {"stopReason": "max_tokens"}}
    usage = events[-1]["metadata"]["usage"]
    assert (usage["outputTokens"], usage["inputTokens"] > 5) == (6, True)
    entry = model_server.entry_of("inv_small")
    assert (entry["outcome"], entry["output_tokens"], entry["usage"]) == ("completed", 6, usage)


def test_converse_returns_the_same_text_as_the_stream(client: Any) -> None:
    request = conversation("Say hello.", "local.smollm2", inferenceConfig={"maxTokens": 6, "temperature": 0})
    answer = client.converse(**request)
    assert answer["output"]["message"]["content"][0]["text"] == text_of(
        list(client.converse_stream(**request)["stream"])
    )


def test_a_prompt_longer_than_the_context_is_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException, match=r"Input is too long for requested model\."):
        client.converse_stream(**conversation("word " * 4_500, "local.smollm2"))


def test_generation_stops_when_the_client_disconnects(client: Any, model_server: ModelServer) -> None:
    request = conversation(
        "Tell me a very long story.",
        "local.smollm2",
        inferenceConfig={"maxTokens": 3000},
        requestMetadata={"invocation_id": "inv_story"},
    )
    stream = client.converse_stream(**request)["stream"]
    for event in stream:
        if "contentBlockDelta" in event:
            break
    stream.close()
    entry = model_server.entry_of("inv_story")
    assert entry["outcome"] == "client_closed"
    assert entry["output_tokens"] < 3000


def test_an_invalid_model_file_is_a_typed_error_and_other_models_work(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"not a model")
    with running(tmp_path / "served.jsonl", "--model-file", str(file)) as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=LONG_TIMEOUT)
        with pytest.raises(client.exceptions.ModelErrorException, match=r"broken\.gguf cannot be loaded"):
            client.converse(**conversation("hi", "local.gguf"))
        assert client.converse(**conversation("hi"))["stopReason"] == "end_turn"
        client.close()


def test_the_process_of_the_small_model_is_restarted_after_a_kill(tmp_path: Path) -> None:
    with running(tmp_path / "served.jsonl") as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=LONG_TIMEOUT)
        request = conversation("Tell me a story.", "local.smollm2", inferenceConfig={"maxTokens": 2000})
        stream = client.converse_stream(**request)["stream"]
        next(iter(stream))
        subprocess.run(["pkill", "-KILL", "-P", str(server.process.pid)], check=True)
        with pytest.raises(EventStreamError, match="modelStreamErrorException"):
            list(stream)
        stream.close()
        request["inferenceConfig"]["maxTokens"] = 3
        assert client.converse(**request)["usage"]["outputTokens"] == 3
        client.close()


def test_the_llama_process_ends_if_its_parent_has_closed_the_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "infra.local.bedrock.llama", str(smollm2_file())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.DEVNULL) as process:
        os.close(writing)
        assert process.stdin
        process.stdin.write(b"key\n")
        process.stdin.close()
        try:
            assert process.wait(30) is not None
        finally:
            process.kill()


@asynccontextmanager
async def another_server(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Run an OpenAI-compatible server; yield its address."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/v1"
    await runner.cleanup()


async def events_from(address: str, log: Path) -> list[dict[str, Any]]:
    """The events of the model local.openai, served at that address."""
    with running(log, "--openai-address", address, "--openai-model", "big") as server:
        session = get_session()
        async with session.create_client("bedrock-runtime", endpoint_url=server.address, config=LONG_TIMEOUT) as client:
            answer = await client.converse_stream(**conversation("hi", "local.openai"))
            try:
                return [event async for event in answer["stream"]]
            finally:
                answer["stream"].close()


async def send_chunks(request: web.Request, *chunks: dict[str, Any]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    return response


def delta(**fields: str) -> dict[str, Any]:
    return {"choices": [{"delta": fields}]}


async def test_any_openai_compatible_server_can_answer(tmp_path: Path) -> None:
    requests: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        requests.append(await request.json())
        ended = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
        used = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
        deltas = (delta(role="assistant"), delta(reasoning_content="hm"), delta(content="Hi"), delta(content="!"))
        response = await send_chunks(request, *deltas, ended, used)
        await response.write(b"data: [DONE]\n\n")
        return response

    async with another_server(answer) as address:
        events = await events_from(address, tmp_path / "served.jsonl")
    assert (requests[0]["model"], requests[0]["messages"]) == ("big", [{"role": "user", "content": "hi"}])
    kinds = [next(iter(event["contentBlockDelta"]["delta"])) for event in events if "contentBlockDelta" in event]
    assert kinds == ["reasoningContent", "text", "text"]
    assert events[-1]["metadata"]["usage"]["inputTokens"] == 7


async def test_a_lost_connection_within_the_answer_is_an_exception_in_the_stream(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await send_chunks(request, delta(content="Hi"))
        assert request.transport is not None
        request.transport.abort()
        return response

    async with another_server(answer) as address:
        with pytest.raises(EventStreamError, match="modelStreamErrorException"):
            await events_from(address, tmp_path / "served.jsonl")


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (401, "", "AccessDeniedException"),
        (429, "", "ThrottlingException"),
        (500, "", "ModelErrorException"),
        (400, "context_length_exceeded", "ValidationException"),
    ],
)
async def test_error_statuses_become_bedrocks_exceptions(tmp_path: Path, status: int, text: str, kind: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    async with another_server(answer) as address:
        with pytest.raises(ClientError) as refused:
            await events_from(address, tmp_path / "served.jsonl")
    assert refused.value.response["Error"]["Code"] == kind


async def test_a_missing_server_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="ServiceUnavailableException"):
        await events_from(f"http://127.0.0.1:{free_port()}/v1", tmp_path / "served.jsonl")
