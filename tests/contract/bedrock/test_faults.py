"""Every fault of Bedrock, as botocore and aiobotocore report it."""

from typing import Any

import aiohttp
import boto3
import pytest
from botocore.config import Config
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, EventStreamError, HTTPClientError
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from tests.contract.bedrock.conftest import ModelServer, conversation

REFUSALS = {
    "throttled": ("ThrottlingException", 429),
    "denied": ("AccessDeniedException", 403),
    "invalid": ("ValidationException", 400),
    "too-long": ("ValidationException", 400),
    "unavailable": ("ServiceUnavailableException", 503),
    "internal": ("InternalServerException", 500),
    "timeout": ("ModelTimeoutException", 408),
    "not-ready": ("ModelNotReadyException", 429),
    "not-found": ("ResourceNotFoundException", 404),
    "ended": ("ResourceNotFoundException", 404),
    "model-error": ("ModelErrorException", 424),
}
IN_STREAM = {
    "stream-throttled": "throttlingException",
    "stream-internal": "internalServerException",
    "stream-error": "modelStreamErrorException",
    "stream-invalid": "validationException",
    "stream-unavailable": "serviceUnavailableException",
}


async def collect_text(answer: Any, texts: list[str]) -> None:
    """Add each text to `texts`, so that the texts before an exception are kept."""
    async for event in answer["stream"]:
        texts += [delta["delta"]["text"] for delta in (event.get("contentBlockDelta"),) if delta]


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
def test_a_refusal_is_a_typed_exception_with_its_status(bedrock: Any, operation: str, fault: str) -> None:
    kind, status = REFUSALS[fault]
    with pytest.raises(getattr(bedrock.exceptions, kind)) as refused:
        getattr(bedrock, operation)(**conversation(f"[[fault={fault}]]"))
    check_refusal(refused.value, kind, status)


@pytest.mark.parametrize("fault", REFUSALS)
async def test_aiobotocore_raises_the_same_typed_exception(async_bedrock: Any, fault: str) -> None:
    kind, status = REFUSALS[fault]
    with pytest.raises(getattr(async_bedrock.exceptions, kind)) as refused:
        await async_bedrock.converse_stream(**conversation(f"[[fault={fault}]]"))
    check_refusal(refused.value, kind, status)


def check_refusal(refused: ClientError, kind: str, status: int) -> None:
    assert refused.response["Error"]["Code"] == kind
    assert refused.response["Error"]["Message"]
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_prompt_that_is_too_long_is_refused_with_bedrocks_message(bedrock: Any) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException, match=r"Input is too long for requested model\."):
        bedrock.converse(**conversation("word " * 2_100, "scripted.small"))


@pytest.mark.parametrize("model", ["scripted.unknown", "anthropic.claude-unknown", "local.none"])
def test_an_unknown_model_is_invalid(bedrock: Any, model: str) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException, match="model identifier is invalid"):
        bedrock.converse(**conversation("hi", model))


def test_unknown_directives_are_refused(bedrock: Any) -> None:
    with pytest.raises(bedrock.exceptions.ValidationException, match="scripted: speed"):
        bedrock.converse(**conversation("[[speed=9]]"))


@pytest.mark.parametrize("fault", IN_STREAM)
def test_an_exception_in_the_stream_comes_after_its_deltas(bedrock: Any, fault: str) -> None:
    stream = bedrock.converse_stream(**conversation(f"[[fault={fault} after=3]]"))["stream"]
    events = iter(stream)
    assert ["contentBlockDelta" in next(events) for _ in range(4)] == [False, True, True, True]
    with pytest.raises(EventStreamError, match=IN_STREAM[fault]):
        next(events)
    stream.close()


@pytest.mark.parametrize("fault", IN_STREAM)
async def test_aiobotocore_raises_the_exception_in_the_stream(async_bedrock: Any, fault: str) -> None:
    texts: list[str] = []
    answer = await async_bedrock.converse_stream(**conversation(f"[[fault={fault} after=3]]"))
    with pytest.raises(EventStreamError, match=IN_STREAM[fault]) as broken:
        await collect_text(answer, texts)
    assert len(texts) == 3
    assert broken.value.response["Error"]["Message"]
    answer["stream"].close()


async def test_a_malformed_frame_has_a_wrong_checksum(async_bedrock: Any, bedrock: Any) -> None:
    texts: list[str] = []
    answer = await async_bedrock.converse_stream(**conversation("[[fault=malformed after=3 gap=2]]"))
    with pytest.raises(ChecksumMismatch):
        await collect_text(answer, texts)
    assert len(texts) == 3
    answer["stream"].close()
    stream = bedrock.converse_stream(**conversation("[[fault=malformed after=3]]"))["stream"]
    with pytest.raises(ChecksumMismatch):
        list(stream)
    stream.close()


async def test_a_reset_raises_a_connection_error(async_bedrock: Any, bedrock: Any, model_server: ModelServer) -> None:
    texts: list[str] = []
    request = conversation("[[fault=reset after=3 gap=5]]", requestMetadata={"invocation_id": "inv_reset"})
    answer = await async_bedrock.converse_stream(**request)
    with pytest.raises(aiohttp.ClientPayloadError, match="Connection reset by peer"):
        await collect_text(answer, texts)
    assert len(texts) == 3
    entry = model_server.entry_of("inv_reset")
    assert (entry["outcome"], entry["output_tokens"], entry["usage"]) == ("fault:reset", 3, None)
    stream = bedrock.converse_stream(**conversation("[[fault=reset after=3 gap=5]]"))["stream"]
    with pytest.raises(ProtocolError, match="Connection reset by peer"):
        list(stream)


async def test_a_cut_stream_ends_early_without_an_error(async_bedrock: Any) -> None:
    answer = await async_bedrock.converse_stream(**conversation("[[fault=cut after=2]]"))
    events = [next(iter(event)) async for event in answer["stream"]]
    assert events == ["messageStart", "contentBlockDelta", "contentBlockDelta"]


@pytest.mark.parametrize("fault", ["reset", "hang", "silence"])
def test_faults_of_the_connection_apply_to_converse(model_server: ModelServer, fault: str) -> None:
    client = client_with_short_timeout(model_server)
    with pytest.raises(HTTPClientError):
        client.converse(**conversation(f"[[fault={fault}]]"))
    client.close()


def client_with_short_timeout(model_server: ModelServer) -> Any:
    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.3)
    return boto3.client("bedrock-runtime", endpoint_url=model_server.address, config=config)


def test_silence_within_a_stream_lasts_until_the_clients_timeout(model_server: ModelServer) -> None:
    client = client_with_short_timeout(model_server)
    request = conversation("[[fault=silence after=2]]", requestMetadata={"invocation_id": "inv_silent"})
    with pytest.raises(ReadTimeoutError):
        list(client.converse_stream(**request)["stream"])
    client.close()
    entry = model_server.entry_of("inv_silent")
    assert (entry["outcome"], entry["output_tokens"]) == ("fault:silence", 2)
    assert entry["closed_at"] - entry["first_token_at"] > 0.2


def test_after_its_number_of_times_a_fault_ends(bedrock: Any, model_server: ModelServer) -> None:
    model_server.clear_log()
    request = conversation("[[fault=throttled times=1]] once")
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        bedrock.converse(**request)
    assert bedrock.converse(**request)["stopReason"] == "end_turn"


def test_refused_requests_are_logged(bedrock: Any, model_server: ModelServer) -> None:
    for text, name in (("[[fault=denied]]", "inv_denied"), ("   ", "inv_blank")):
        with pytest.raises(ClientError):
            bedrock.converse(**conversation(text, requestMetadata={"invocation_id": name}))
    assert model_server.entry_of("inv_denied")["outcome"] == "fault:denied"
    assert model_server.entry_of("inv_blank")["outcome"] == "refused:ValidationException"
