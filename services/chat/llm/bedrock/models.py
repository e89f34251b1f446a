"""Chat's port to its models, kept by Amazon Bedrock."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import structlog
from botocore.exceptions import ClientError

from services.chat.llm.bedrock.candidates import Candidate, candidates
from services.chat.llm.bedrock.decoder import ConverseDecoder
from services.chat.llm.bedrock.errors import TRANSPORT_ERRORS, from_client_error, from_stream, from_transport
from services.chat.llm.bedrock.event_stream import BrokenFrameError, EventStreamDecoder, StreamExceptionError
from services.chat.llm.bedrock.request import converse_arguments
from services.chat.llm.bedrock.response_stream import ResponseByteStream, expose_body, response_body
from services.chat.llm.bedrock.retry import StartRetry
from services.chat.llm.bedrock.spans import model_call
from services.chat.llm.port import ModelEvent, ModelFailedError, ModelRequest, Stopped
from services.chat.settings import ChatSettings
from shared.clock import Clock, SystemClock

if TYPE_CHECKING:
    from types_aiobotocore_bedrock_runtime import BedrockRuntimeClient

_log: Final = structlog.get_logger()
_BILL_S: Final = 10  # how long a whole answer waits for its usage

ClientOfRegion = Callable[[str], Awaitable["BedrockRuntimeClient"]]


class BedrockModels:
    def __init__(self, open_client: ClientOfRegion, settings: ChatSettings, clock: Clock | None = None) -> None:
        """`client_of` opens the client of a region; it is called once for each."""
        self._open_client = open_client
        self._clients: dict[str, BedrockRuntimeClient] = {}
        self._settings = settings
        self._persistence = StartRetry(
            clock or SystemClock(), rounds=settings.model_rounds, within_s=settings.model_retry_s
        )

    @classmethod
    async def open(cls, open_client: ClientOfRegion, settings: ChatSettings, clock: Clock | None = None) -> Self:
        """With the client that every request begins with."""
        models = cls(open_client, settings, clock)
        await models._client(settings.bedrock_region)
        return models

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Asked again, or elsewhere, only until the first event: what was said is never said twice."""
        silent_after = asyncio.get_running_loop().time() + self._settings.first_token_s
        asked = candidates(request.model, self._settings)

        async def begin(candidate: Candidate) -> tuple[Candidate, AsyncGenerator[ModelEvent, None], ModelEvent]:
            events = self._answer(request, candidate, silent_after)
            return candidate, events, await anext(events)

        with model_call(request, asked[0]) as call:
            candidate, events, first = await self._persistence.first_started(begin, asked)
            call.set_candidate(candidate)
            call.record(first)
            async with aclosing(events):
                yield first
                async for event in events:
                    call.record(event)
                    yield event

    async def _answer(
        self, request: ModelRequest, candidate: Candidate, silent_after: float
    ) -> AsyncGenerator[ModelEvent, None]:
        body = await self._open(request, candidate, silent_after)
        patience_s, ended = self._settings.silence_s, False
        frames, reader = EventStreamDecoder(), ConverseDecoder()
        with ResponseByteStream(body, silent_after) as line:
            try:
                while data := await line.read():
                    for raw in frames.take(data):
                        event = reader.read(raw)
                        if isinstance(event, Stopped):
                            patience_s, ended = _BILL_S, True
                        if "messageStart" not in raw:  # it says that a model was found, not that it speaks
                            line.expect(patience_s)
                        if event is not None:
                            yield event
            except (BrokenFrameError, StreamExceptionError, ModelFailedError) as error:
                failed = from_stream(error)
                if not ended:
                    raise failed from None
                _log.warning("usage.missing", problem=failed.slug, model=request.model.id)
        if not ended:
            raise ModelFailedError("model-stream-broken")

    async def _open(self, request: ModelRequest, candidate: Candidate, silent_after: float) -> aiohttp.ClientResponse:
        client = await self._client(candidate.region)
        try:
            async with asyncio.timeout_at(silent_after):
                answer = await client.converse_stream(**converse_arguments(request, candidate.model_id, self._settings))
        except ClientError as error:
            raise from_client_error(error) from None
        except TRANSPORT_ERRORS as error:
            raise from_transport(error) from None
        return response_body(answer)

    async def _client(self, region: str) -> "BedrockRuntimeClient":
        if region not in self._clients:
            client = await self._open_client(region)
            expose_body(client)
            self._clients[region] = client
        return self._clients[region]
