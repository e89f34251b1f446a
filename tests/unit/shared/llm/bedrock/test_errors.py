"""Each error of the provider, its stream and the connection maps to a problem."""

import asyncio
from contextlib import aclosing
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)

from infra.local.bedrock import eventstream
from shared.catalogue import Catalogue
from shared.llm.bedrock import BedrockModels
from shared.llm.port import ModelEvent, ModelFailedError, ModelRequest, PromptMessage, Stopped, TextDelta
from shared.problems import KINDS
from tests.fakes.bedrock_client import (
    START,
    FakeBedrock,
    Step,
    fault,
    frame,
    stop,
    text,
    tool_start,
)
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

REQUEST = ModelRequest(
    "inv_1", Catalogue.offered(("scripted",)).get("scripted.echo"), [PromptMessage.of_text("user", "Hello?")]
)
CORRUPTED = eventstream.corrupted(frame(text("y")))


async def collect(client: FakeBedrock, **changed: Any) -> list[ModelEvent]:
    models = BedrockModels(client.of_region, settings(**{"model_rounds": 1, **changed}), FakeClock())
    async with aclosing(models.converse(REQUEST)) as events:
        return [event async for event in events]


async def failure(client: FakeBedrock, **changed: Any) -> str:
    with pytest.raises(ModelFailedError) as failed:
        await collect(client, **changed)
    assert failed.value.slug in KINDS
    assert all(stream.closed for stream in client.streams)
    return failed.value.slug


CLIENT_ERRORS = [
    ("ThrottlingException", "model-throttled"),
    ("ServiceQuotaExceededException", "model-throttled"),
    ("ModelNotReadyException", "model-throttled"),
    ("AccessDeniedException", "model-access-denied"),
    ("UnrecognizedClientException", "model-access-denied"),
    ("ExpiredTokenException", "model-access-denied"),
    ("ResourceNotFoundException", "model-access-denied"),
    ("ValidationException", "model-refused-request"),
    ("ModelTimeoutException", "model-silent"),
    ("ModelErrorException", "model-unavailable"),
    ("ServiceUnavailableException", "model-unavailable"),
    ("InternalServerException", "model-unavailable"),
    ("SomethingUnknown", "model-unavailable"),
    ("com.amazon.coral#ThrottlingException", "model-throttled"),
]


@pytest.mark.parametrize(("code", "slug"), CLIENT_ERRORS)
async def test_a_client_error_maps_to_its_problem(code: str, slug: str) -> None:
    client = FakeBedrock()
    client.fail("converse_stream", aws_error(code))
    assert await failure(client) == slug


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("throttlingException", "model-throttled"),
        ("modelStreamErrorException", "model-stream-broken"),
        ("internalServerException", "model-unavailable"),
        ("serviceUnavailableException", "model-unavailable"),
        ("validationException", "model-refused-request"),
    ],
)
async def test_an_exception_within_the_stream_maps_to_its_problem(code: str, slug: str) -> None:
    assert await failure(FakeBedrock(START, text("x"), fault(code))) == slug


@pytest.mark.parametrize(
    "message",
    [
        "Input is too long for requested model.",
        "This model's maximum context length is 2000 tokens.",
        "prompt is too long: 215000 tokens > 200000 maximum",
        "Input length and `max_tokens` exceed context window",
    ],
)
async def test_a_prompt_that_is_too_long_maps_to_context_too_long(message: str) -> None:
    client = FakeBedrock()
    client.fail(
        "converse_stream",
        ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "ConverseStream"),
    )
    assert await failure(client) == "context-too-long"


async def test_the_message_of_the_provider_is_not_passed_on() -> None:
    client = FakeBedrock()
    response = {"Error": {"Code": "ValidationException", "Message": "canary: your prompt was …"}}
    client.fail("converse_stream", ClientError(response, "ConverseStream"))
    with pytest.raises(ModelFailedError) as failed:
        await collect(client)
    assert "canary" not in f"{failed.value} {failed.value.detail}"


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (ReadTimeoutError(endpoint_url="x"), "model-silent"),
        (ConnectTimeoutError(endpoint_url="x"), "model-unavailable"),
        (EndpointConnectionError(endpoint_url="x"), "model-unavailable"),
        (HTTPClientError(error="x"), "model-unavailable"),
        (NoCredentialsError(), "model-unavailable"),
        (aiohttp.ServerDisconnectedError(), "model-unavailable"),
    ],
)
async def test_a_connection_error_maps_to_unavailable_or_silent(error: Exception, slug: str) -> None:
    client = FakeBedrock()
    client.fail("converse_stream", error)
    assert await failure(client) == slug


@pytest.mark.parametrize(
    "broken",
    [
        CORRUPTED,
        b"HTTP/1.1 200 OK\r\n\r\n",
        aiohttp.ClientPayloadError("reset"),
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(),
    ],
)
async def test_damaged_bytes_or_a_lost_connection_mean_a_broken_stream(broken: Step) -> None:
    assert await failure(FakeBedrock(START, text("x"), broken)) == "model-stream-broken"


async def test_a_stream_without_a_stop_event_is_a_broken_stream() -> None:
    assert await failure(FakeBedrock(START, text("x"))) == "model-stream-broken"


async def test_a_socket_timeout_is_a_silent_model() -> None:
    assert await failure(FakeBedrock(START, text("x"), aiohttp.SocketTimeoutError())) == "model-silent"


async def test_an_unexpected_error_is_raised_unchanged() -> None:
    with pytest.raises(KeyError):
        await collect(FakeBedrock(START, KeyError("a bug")))


@pytest.mark.parametrize("broken", [CORRUPTED, aiohttp.ClientPayloadError("reset"), aiohttp.SocketTimeoutError()])
async def test_an_error_after_the_stop_event_loses_only_the_usage(broken: Step) -> None:
    assert await collect(FakeBedrock(START, text("Hi"), stop(), broken)) == [TextDelta("Hi"), Stopped("end_turn")]


async def test_a_model_that_does_not_start_in_time_is_silent() -> None:
    client = FakeBedrock()
    client.slow = asyncio.Event()
    assert await failure(client, first_token_s=0.01) == "model-silent"


async def test_before_the_first_token_the_first_token_timeout_applies() -> None:
    client = FakeBedrock(START, asyncio.Event(), text("x"))
    assert await failure(client, first_token_s=0.01, silence_s=90) == "model-silent"


async def test_after_the_first_token_the_silence_timeout_applies() -> None:
    client = FakeBedrock(START, text("x"), asyncio.Event())
    assert await failure(client, first_token_s=90, silence_s=0.01) == "model-silent"


async def test_a_tool_start_counts_as_the_first_token() -> None:
    steps = [START, tool_start("calculator"), asyncio.Event()]
    assert await failure(FakeBedrock(*steps), first_token_s=90, silence_s=0.01) == "model-silent"
