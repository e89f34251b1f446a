"""Each fault of the provider, its stream and the connection maps to a problem."""

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
    block_stop,
    fault,
    frame,
    stop,
    text,
    tool_input,
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


REFUSALS = [
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
    ("SomethingNobodyHeardOf", "model-unavailable"),
    ("com.amazon.coral#ThrottlingException", "model-throttled"),
]


@pytest.mark.parametrize(("code", "slug"), REFUSALS)
async def test_a_refusal_before_the_answer_has_its_problem(code: str, slug: str) -> None:
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
async def test_a_fault_within_the_stream_has_its_problem(code: str, slug: str) -> None:
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
async def test_too_long_a_conversation_is_told_apart_from_other_refusals(message: str) -> None:
    client = FakeBedrock()
    client.fail(
        "converse_stream",
        ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "ConverseStream"),
    )
    assert await failure(client) == "context-too-long"


async def test_the_providers_words_are_not_passed_on() -> None:
    client = FakeBedrock()
    told = {"Error": {"Code": "ValidationException", "Message": "canary: your prompt was …"}}
    client.fail("converse_stream", ClientError(told, "ConverseStream"))
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
async def test_a_provider_that_cannot_be_reached_is_unavailable_or_silent(error: Exception, slug: str) -> None:
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
async def test_a_stream_that_breaks_is_a_broken_stream(broken: Step) -> None:
    assert await failure(FakeBedrock(START, text("x"), broken)) == "model-stream-broken"


async def test_a_tools_input_that_cannot_be_read_is_a_broken_stream() -> None:
    steps = [START, text("x"), tool_start("calculator", 1), tool_input('{"expression":', 1), block_stop(1)]
    assert await failure(FakeBedrock(*steps, stop("tool_use"))) == "model-stream-broken"


async def test_a_stream_that_ends_without_an_end_is_a_broken_stream() -> None:
    assert await failure(FakeBedrock(START, text("x"))) == "model-stream-broken"


async def test_a_socket_that_falls_silent_is_a_silent_model() -> None:
    assert await failure(FakeBedrock(START, text("x"), aiohttp.SocketTimeoutError())) == "model-silent"


async def test_a_fault_of_ours_stays_one() -> None:
    with pytest.raises(KeyError):
        await collect(FakeBedrock(START, KeyError("a bug")))


@pytest.mark.parametrize("broken", [CORRUPTED, aiohttp.ClientPayloadError("reset"), aiohttp.SocketTimeoutError()])
async def test_an_answer_that_is_whole_stays_whole_when_only_its_bill_is_missing(broken: Step) -> None:
    assert await collect(FakeBedrock(START, text("Hi"), stop(), broken)) == [TextDelta("Hi"), Stopped("end_turn")]


async def test_a_model_that_does_not_begin_is_silent_after_its_time() -> None:
    client = FakeBedrock()
    client.slow = asyncio.Event()
    assert await failure(client, first_token_s=0.01) == "model-silent"


async def test_a_model_may_think_for_long_before_its_first_word_but_not_for_ever() -> None:
    client = FakeBedrock(START, asyncio.Event(), text("x"))
    assert await failure(client, first_token_s=0.01, silence_s=90) == "model-silent"


async def test_a_model_that_falls_silent_between_two_words_has_less_patience_to_expect() -> None:
    client = FakeBedrock(START, text("x"), asyncio.Event())
    assert await failure(client, first_token_s=90, silence_s=0.01) == "model-silent"


async def test_a_model_that_writes_a_long_input_for_a_tool_is_not_silent() -> None:
    steps = [START, tool_start("calculator"), asyncio.Event()]
    assert await failure(FakeBedrock(*steps), first_token_s=90, silence_s=0.01) == "model-silent"
