"""The adapter of the model port for Amazon Bedrock."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import structlog
from botocore.exceptions import ClientError

from shared.clock import Clock, SystemClock
from shared.llm.bedrock.candidates import Candidate, candidates
from shared.llm.bedrock.decoder import ConverseDecoder
from shared.llm.bedrock.errors import TRANSPORT_ERRORS, from_client_error, from_stream, from_transport
from shared.llm.bedrock.event_stream import BrokenFrameError, EventStreamDecoder, StreamExceptionError
from shared.llm.bedrock.request import converse_arguments
from shared.llm.bedrock.response_stream import ResponseByteStream, expose_body, response_body
from shared.llm.bedrock.retry import StartRetry
from shared.llm.bedrock.settings import BedrockSettings
from shared.llm.bedrock.spans import model_call
from shared.llm.bedrock.token_count import count_tokens
from shared.llm.port import ModelEvent, ModelFailedError, ModelRequest, Stopped

if TYPE_CHECKING:
    from types_aiobotocore_bedrock_runtime import BedrockRuntimeClient

_log: Final = structlog.get_logger()
_USAGE_WAIT_S: Final = 10
"""How long to wait for the usage after an answer is complete."""

ClientOfRegion = Callable[[str], Awaitable["BedrockRuntimeClient"]]


class BedrockModels:
    def __init__(self, open_client: ClientOfRegion, settings: BedrockSettings, clock: Clock | None = None) -> None:
        """`open_client` opens the client of a region; it is called once per region."""
        self._open_client = open_client
        self._clients: dict[str, BedrockRuntimeClient] = {}
        self._settings = settings
        self._clock = clock or SystemClock()
        self._retry = StartRetry(self._clock, rounds=settings.model_rounds, within_s=settings.model_retry_s)

    @classmethod
    async def open(cls, open_client: ClientOfRegion, settings: BedrockSettings, clock: Clock | None = None) -> Self:
        """Create the adapter and open the client of the deployment's own region, which every request tries first."""
        models = cls(open_client, settings, clock)
        await models._client(settings.bedrock_region)
        return models

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream an answer. The request is repeated only until the first event, so that no event comes twice.

        The first event must come within the setting `first_token_s`, repeated requests included.
        """
        deadline = asyncio.get_running_loop().time() + self._settings.first_token_s
        options = candidates(request.model, self._settings)

        async def start(candidate: Candidate) -> tuple[Candidate, AsyncGenerator[ModelEvent, None], ModelEvent]:
            events = self._stream(request, candidate, deadline)
            return candidate, events, await anext(events)

        with model_call(request, options[0]) as span:
            candidate, events, first = await self._retry.first_started(start, options)
            span.set_candidate(candidate)
            span.record(first)
            async with aclosing(events):
                yield first
                async for event in events:
                    span.record(event)
                    yield event

    async def count(self, request: ModelRequest) -> int | None:
        """Count in the deployment's own region, within the setting `count_tokens_s`. See `ModelPort.count`."""
        if not request.model.capabilities.token_counting:
            return None
        client = await self._client(self._settings.bedrock_region)
        return await count_tokens(client, request, self._clock, within_s=self._settings.count_tokens_s)

    async def _stream(
        self, request: ModelRequest, candidate: Candidate, deadline: float
    ) -> AsyncGenerator[ModelEvent, None]:
        body = await self._request(request, candidate, deadline)
        silence_s, is_complete = self._settings.silence_s, False
        frames, decoder = EventStreamDecoder(), ConverseDecoder()
        with ResponseByteStream(body, deadline) as response:
            try:
                while data := await response.read():
                    for raw in frames.feed(data):
                        event = decoder.decode(raw)
                        if isinstance(event, Stopped):
                            silence_s, is_complete = _USAGE_WAIT_S, True
                        if "messageStart" not in raw:  # sent before the model has produced anything
                            response.expect_within(silence_s)
                        if event is not None:
                            yield event
            except (BrokenFrameError, StreamExceptionError, ModelFailedError) as error:
                failure = from_stream(error)
                if not is_complete:
                    raise failure from None
                _log.warning("usage.missing", problem=failure.slug, model=request.model.id)
        if not is_complete:
            raise ModelFailedError("model-stream-broken")

    async def _request(self, request: ModelRequest, candidate: Candidate, deadline: float) -> aiohttp.ClientResponse:
        client = await self._client(candidate.region)
        arguments = converse_arguments(request, candidate.model_id)
        try:
            async with asyncio.timeout_at(deadline):
                response = await client.converse_stream(**arguments)
        except ClientError as error:
            raise from_client_error(error) from None
        except TRANSPORT_ERRORS as error:
            raise from_transport(error) from None
        return response_body(response)

    async def _client(self, region: str) -> "BedrockRuntimeClient":
        if region not in self._clients:
            client = await self._open_client(region)
            expose_body(client)
            self._clients[region] = client
        return self._clients[region]
