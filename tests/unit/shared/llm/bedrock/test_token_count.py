"""The provider counts the tokens of a request before the call; after an error the count is None and is logged."""

import asyncio
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from structlog.testing import capture_logs

from shared.catalogue import Catalogue
from shared.llm.bedrock import BedrockModels
from shared.llm.port import ModelRequest, PromptMessage
from shared.problems import KINDS
from tests.fakes.bedrock_client import FakeBedrock
from tests.fakes.chat_service import settings, until
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error

CATALOGUE = Catalogue.offered(("bedrock",), clock=FakeClock())
THROTTLED = aws_error("ThrottlingException")


async def count(
    client: FakeBedrock, *, model: str = "claude-haiku-4-5", clock: FakeClock | None = None, **changed: Any
) -> int | None:
    request = ModelRequest("inv_1", CATALOGUE.get(model), [PromptMessage.of_text("user", "Hello?")])
    return await BedrockModels(client.of_region, settings(**changed), clock or FakeClock()).count(request)


async def problem_of(client: FakeBedrock, **changed: Any) -> str:
    """Count, expecting a failure; return the logged problem."""
    with capture_logs() as logs:
        assert await count(client, **changed) is None
    (line,) = logs
    assert (line["event"], line["model"]) == ("model.count_failed", "claude-haiku-4-5")
    assert line["problem"] in KINDS
    return str(line["problem"])


def refusing(*errors: Exception) -> FakeBedrock:
    client = FakeBedrock()
    for error in errors:
        client.fail("count_tokens", error)
    return client


async def test_the_providers_count_is_returned_and_nothing_is_logged() -> None:
    with capture_logs() as logs:
        assert await count(FakeBedrock()) == 42
    assert logs == []


@pytest.mark.parametrize("model", ["claude-opus-4-7", "nova-pro"])
async def test_no_request_is_sent_for_a_model_without_token_counting(model: str) -> None:
    client = FakeBedrock()
    assert await count(client, model=model) is None
    assert (client.count_requests, client.opened) == ([], [])


async def test_only_the_region_of_the_deployment_counts() -> None:
    """A prompt may be sent to another region for an answer, but not for a count."""
    client = refusing(THROTTLED, THROTTLED)
    assert await count(client, bedrock_region="eu-central-1", bedrock_fallback_regions=("us-east-1",)) is None
    assert client.opened == ["eu-central-1"]


@pytest.mark.parametrize("error", [THROTTLED, aws_error("InternalServerException"), aiohttp.ServerDisconnectedError()])
async def test_a_temporary_failure_is_retried_once_after_a_pause(error: Exception) -> None:
    client, clock = refusing(error), FakeClock()
    assert await count(client, clock=clock) == 42
    assert len(client.count_requests) == 2
    assert len(clock.slept) == 1
    assert 0 <= clock.slept[0] <= 0.25


async def test_there_is_no_third_attempt() -> None:
    client = refusing(THROTTLED, THROTTLED)
    assert await problem_of(client) == "model-throttled"
    assert len(client.count_requests) == 2


async def test_a_retry_after_beyond_the_time_limit_ends_the_count_at_once() -> None:
    metadata = {"HTTPHeaders": {"retry-after": "5"}}
    client, clock = refusing(aws_error("ThrottlingException", ResponseMetadata=metadata)), FakeClock()
    assert await problem_of(client, clock=clock) == "model-throttled"
    assert (len(client.count_requests), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (aws_error("ValidationException"), "model-refused-request"),
        (aws_error("AccessDeniedException"), "model-access-denied"),
        (aws_error("ResourceNotFoundException"), "model-access-denied"),
        (ReadTimeoutError(endpoint_url="x"), "model-silent"),
    ],
)
async def test_a_permanent_error_is_not_retried(error: Exception, slug: str) -> None:
    client = refusing(error)
    assert await problem_of(client) == slug
    assert len(client.count_requests) == 1


async def test_a_prompt_that_the_provider_refuses_to_count_is_too_long() -> None:
    response = {
        "Error": {"Code": "ValidationException", "Message": "prompt is too long: 300012 tokens > 200000 maximum"}
    }
    assert await problem_of(refusing(ClientError(response, "CountTokens"))) == "context-too-long"


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="x"), NoCredentialsError()])
async def test_an_unreachable_provider_is_unavailable(error: Exception) -> None:
    assert await problem_of(refusing(error, error)) == "model-unavailable"


async def test_a_response_without_a_number_is_no_count() -> None:
    client = FakeBedrock()
    client.count = {}
    assert await problem_of(client) == "model-unavailable"


async def test_a_provider_that_does_not_respond_in_time_is_silent() -> None:
    client = FakeBedrock()
    client.slow = asyncio.Event()
    assert await problem_of(client, count_tokens_s=0.01) == "model-silent"


async def test_the_providers_message_is_not_logged() -> None:
    response = {"Error": {"Code": "ValidationException", "Message": "canary: your prompt was …"}}
    with capture_logs() as logs:
        await count(refusing(ClientError(response, "CountTokens")))
    assert "canary" not in str(logs)


async def test_a_cancelled_caller_cancels_the_count() -> None:
    client = FakeBedrock()
    client.slow = asyncio.Event()
    counting = asyncio.create_task(count(client))
    await until(lambda: client.count_requests)
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting


async def test_an_unexpected_exception_is_raised() -> None:
    with pytest.raises(KeyError):
        await count(refusing(KeyError("a bug")))
