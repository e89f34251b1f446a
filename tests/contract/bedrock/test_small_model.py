"""The model that really thinks, if not far."""

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

PATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=90)


@pytest.fixture(scope="module")
def patient(model_server: ModelServer) -> Iterator[Any]:
    client = boto3.client("bedrock-runtime", endpoint_url=model_server.address, config=PATIENT)
    yield client
    client.close()


def words(events: list[dict[str, Any]]) -> str:
    return "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)


def test_it_says_something_and_counts_it(patient: Any, model_server: ModelServer) -> None:
    asked = conversation(
        "Say hello.",
        "local.smollm2",
        inferenceConfig={"maxTokens": 6, "temperature": 0},
        requestMetadata={"invocation_id": "inv_small"},
    )
    events = list(patient.converse_stream(**asked)["stream"])
    assert words(events).strip()
    assert events[-2] == {"messageStop": {"stopReason": "max_tokens"}}
    usage = events[-1]["metadata"]["usage"]
    assert (usage["outputTokens"], usage["inputTokens"] > 5) == (6, True)
    entry = model_server.entry_of("inv_small")
    assert (entry["outcome"], entry["output_tokens"], entry["usage"]) == ("completed", 6, usage)


def test_converse_says_the_same_as_the_stream(patient: Any) -> None:
    asked = conversation("Say hello.", "local.smollm2", inferenceConfig={"maxTokens": 6, "temperature": 0})
    answer = patient.converse(**asked)
    assert answer["output"]["message"]["content"][0]["text"] == words(list(patient.converse_stream(**asked)["stream"]))


def test_more_than_its_context_is_too_long(patient: Any) -> None:
    with pytest.raises(patient.exceptions.ValidationException, match=r"Input is too long for requested model\."):
        patient.converse_stream(**conversation("word " * 4_500, "local.smollm2"))


def test_it_stops_when_nobody_listens(patient: Any, model_server: ModelServer) -> None:
    asked = conversation(
        "Tell me a very long story.",
        "local.smollm2",
        inferenceConfig={"maxTokens": 3000},
        requestMetadata={"invocation_id": "inv_story"},
    )
    stream = patient.converse_stream(**asked)["stream"]
    for event in stream:
        if "contentBlockDelta" in event:
            break
    stream.close()
    entry = model_server.entry_of("inv_story")
    assert entry["outcome"] == "client_closed"
    assert entry["output_tokens"] < 3000


def test_a_file_that_is_no_model_is_a_typed_error_and_the_rest_works(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"not a model")
    with running(tmp_path / "served.jsonl", "--model-file", str(file)) as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=PATIENT)
        with pytest.raises(client.exceptions.ModelErrorException, match=r"broken\.gguf cannot be loaded"):
            client.converse(**conversation("hi", "local.gguf"))
        assert client.converse(**conversation("hi"))["stopReason"] == "end_turn"
        client.close()


def test_it_comes_back_after_its_process_has_died(tmp_path: Path) -> None:
    with running(tmp_path / "served.jsonl") as server:
        client = boto3.client("bedrock-runtime", endpoint_url=server.address, config=PATIENT)
        asked = conversation("Tell me a story.", "local.smollm2", inferenceConfig={"maxTokens": 2000})
        stream = client.converse_stream(**asked)["stream"]
        next(iter(stream))
        subprocess.run(["pkill", "-KILL", "-P", str(server.process.pid)], check=True)
        with pytest.raises(EventStreamError, match="modelStreamErrorException"):
            list(stream)
        stream.close()
        asked["inferenceConfig"]["maxTokens"] = 3
        assert client.converse(**asked)["usage"]["outputTokens"] == 3
        client.close()


def test_its_process_ends_when_nobody_is_there_to_be_told_its_address() -> None:
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
    """An OpenAI-compatible server; its address."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/v1"
    await runner.cleanup()


async def heard_from(address: str, log: Path) -> list[dict[str, Any]]:
    """The events of local.openai when it is at that address."""
    with running(log, "--openai-address", address, "--openai-model", "big") as server:
        session = get_session()
        async with session.create_client("bedrock-runtime", endpoint_url=server.address, config=PATIENT) as client:
            answer = await client.converse_stream(**conversation("hi", "local.openai"))
            try:
                return [event async for event in answer["stream"]]
            finally:
                answer["stream"].close()


async def say(request: web.Request, *chunks: dict[str, Any]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    return response


def delta(**said: str) -> dict[str, Any]:
    return {"choices": [{"delta": said}]}


async def test_any_openai_compatible_server_can_answer(tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(await request.json())
        ended = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
        used = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
        said = (delta(role="assistant"), delta(reasoning_content="hm"), delta(content="Hi"), delta(content="!"))
        response = await say(request, *said, ended, used)
        await response.write(b"data: [DONE]\n\n")
        return response

    async with another_server(answer) as address:
        events = await heard_from(address, tmp_path / "served.jsonl")
    assert (asked[0]["model"], asked[0]["messages"]) == ("big", [{"role": "user", "content": "hi"}])
    kinds = [next(iter(event["contentBlockDelta"]["delta"])) for event in events if "contentBlockDelta" in event]
    assert kinds == ["reasoningContent", "text", "text"]
    assert events[-1]["metadata"]["usage"]["inputTokens"] == 7


async def test_its_break_in_mid_answer_is_an_exception_in_the_stream(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await say(request, delta(content="Hi"))
        assert request.transport is not None
        request.transport.abort()
        return response

    async with another_server(answer) as address:
        with pytest.raises(EventStreamError, match="modelStreamErrorException"):
            await heard_from(address, tmp_path / "served.jsonl")


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (401, "", "AccessDeniedException"),
        (429, "", "ThrottlingException"),
        (500, "", "ModelErrorException"),
        (400, "context_length_exceeded", "ValidationException"),
    ],
)
async def test_its_refusals_become_bedrocks(tmp_path: Path, status: int, text: str, kind: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    async with another_server(answer) as address:
        with pytest.raises(ClientError) as refused:
            await heard_from(address, tmp_path / "served.jsonl")
    assert refused.value.response["Error"]["Code"] == kind


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="ServiceUnavailableException"):
        await heard_from(f"http://127.0.0.1:{free_port()}/v1", tmp_path / "served.jsonl")
