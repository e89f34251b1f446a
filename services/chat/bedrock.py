"""Models on Amazon Bedrock, by the Converse API: https://docs.aws.amazon.com/bedrock/latest/APIReference/.

The one place that knows its wire names. An answer is streamed; its connection is closed, not reused, when the caller
stops listening, so that a cancelled answer costs no more than what was said.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import structlog
from botocore.eventstream import ParserError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EventStreamError,
    HTTPClientError,
    ReadTimeoutError,
)

from services.chat.model_events import (
    ModelEvent,
    ModelFailedError,
    ModelRequest,
    ReasoningSaid,
    ReasoningSigned,
    Stopped,
    TextSaid,
    UsageReported,
)
from services.chat.settings import ChatSettings
from shared.catalogue import Usage

if TYPE_CHECKING:
    from types_aiobotocore_bedrock_runtime import BedrockRuntimeClient

_log: Final = structlog.get_logger()
_SLUGS: Final = {
    "throttlingexception": "model-throttled",
    "servicequotaexceededexception": "model-throttled",
    "modelnotreadyexception": "model-throttled",
    "accessdeniedexception": "model-access-denied",
    "unrecognizedclientexception": "model-access-denied",
    "expiredtokenexception": "model-access-denied",
    "resourcenotfoundexception": "model-access-denied",
    "validationexception": "model-refused-request",
    "modeltimeoutexception": "model-silent",
    "modelerrorexception": "model-unavailable",
    "serviceunavailableexception": "model-unavailable",
    "internalserverexception": "model-unavailable",
    "modelstreamerrorexception": "model-stream-broken",
}
_TOO_LONG: Final = ("too long", "context window", "maximum context", "exceeds the maximum")
_BROKEN: Final = (ParserError, aiohttp.ClientError, ConnectionError, HTTPClientError)


class BedrockModels:
    def __init__(self, client: "BedrockRuntimeClient", settings: ChatSettings) -> None:
        self._client = client
        self._settings = settings

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        stream, ended = await self._open(request), False
        try:
            async for raw in self._listen(stream):
                for event in _read(raw):
                    ended = ended or isinstance(event, Stopped)
                    yield event
        except ModelFailedError as error:
            if not ended:
                raise
            _log.warning("usage not reported", problem=error.slug, model=request.model.id)
        else:
            if not ended:
                raise ModelFailedError("model-stream-broken")
        finally:
            stream.close()

    async def _open(self, request: ModelRequest) -> Any:
        try:
            async with asyncio.timeout(self._settings.first_token_s):
                answer = await self._client.converse_stream(**self._asked(request))
        except ClientError as error:
            raise _failed(error) from None
        except (ReadTimeoutError, ConnectTimeoutError, TimeoutError):
            raise ModelFailedError("model-silent") from None
        except (BotoCoreError, aiohttp.ClientError) as error:
            raise ModelFailedError("model-unavailable", f"{type(error).__name__} before the answer began.") from None
        return answer["stream"]

    async def _listen(self, stream: Any) -> AsyncIterator[dict[str, Any]]:
        """The stream's events; none may be later than the first token, then the silence, allows."""
        events, patience = stream.__aiter__(), self._settings.first_token_s
        while True:
            try:
                async with asyncio.timeout(patience):
                    raw = await anext(events)
            except StopAsyncIteration:
                return
            except (TimeoutError, ReadTimeoutError):
                raise ModelFailedError("model-silent") from None
            except EventStreamError as error:
                raise _failed(error) from None
            except _BROKEN:
                raise ModelFailedError("model-stream-broken") from None
            yield raw
            if "messageStart" not in raw:
                patience = self._settings.silence_s

    def _asked(self, request: ModelRequest) -> dict[str, Any]:
        model, settings = request.model, self._settings
        (model_id, *_) = model.invocation_ids(
            settings.bedrock_region,
            global_profiles=settings.global_inference,
            regional_profiles=settings.cross_region_inference,
        )
        asked: dict[str, Any] = {
            "modelId": model_id,
            "messages": [{"role": said.role, "content": [{"text": said.text}]} for said in request.messages],
            "inferenceConfig": {"maxTokens": min(request.max_output_tokens, model.limits.output_tokens)},
            "requestMetadata": {"invocation_id": request.invocation_id},
        }
        if request.system:
            asked["system"] = [{"text": request.system}]
        if request.reasoning:
            self._ask_to_reason(request, asked)
        return asked

    def _ask_to_reason(self, request: ModelRequest, asked: dict[str, Any]) -> None:
        budget = self._settings.reasoning_budget_tokens
        match request.model.capabilities.reasoning:
            case "budget":
                asked["additionalModelRequestFields"] = {"thinking": {"type": "enabled", "budget_tokens": budget}}
                wanted = max(request.max_output_tokens, budget + 1024)
                asked["inferenceConfig"]["maxTokens"] = min(wanted, request.model.limits.output_tokens)
            case "adaptive":
                asked["additionalModelRequestFields"] = {"thinking": {"type": "adaptive"}}
            case "always" | "none":
                pass


def _read(raw: dict[str, Any]) -> list[ModelEvent]:
    match raw:
        case {"contentBlockDelta": {"delta": {"text": text}}}:
            return [TextSaid(text)] if text else []
        case {"contentBlockDelta": {"delta": {"reasoningContent": {"text": text}}}}:
            return [ReasoningSaid(text)] if text else []
        case {"contentBlockDelta": {"delta": {"reasoningContent": {"signature": signature}}}}:
            return [ReasoningSigned(signature)]
        case {"messageStop": {"stopReason": reason}}:
            return [Stopped(reason)]
        case {"metadata": {"usage": usage}}:
            return [UsageReported(_usage(usage))]
        case _:
            return []


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        cache_read_tokens=usage.get("cacheReadInputTokens") or 0,
        cache_write_tokens=usage.get("cacheWriteInputTokens") or 0,
    )


def _failed(error: ClientError) -> ModelFailedError:
    told = error.response.get("Error", {})
    code, message = told.get("Code", ""), told.get("Message", "")
    slug = _SLUGS.get(code.rpartition("#")[2].lower(), "model-unavailable")
    if slug == "model-refused-request" and any(words in message.lower() for words in _TOO_LONG):
        return ModelFailedError("context-too-long")
    return ModelFailedError(slug)
