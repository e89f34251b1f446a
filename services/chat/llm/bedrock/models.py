"""Chat's port to its models, kept by Amazon Bedrock."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import structlog
from botocore.exceptions import ClientError

from services.chat.llm.bedrock.candidates import Candidate, candidates
from services.chat.llm.bedrock.decoder import Reader
from services.chat.llm.bedrock.errors import TRANSPORT_ERRORS, from_stream, from_transport, refused
from services.chat.llm.bedrock.event_stream import BrokenFrameError, EventStreamDecoder, RefusedError
from services.chat.llm.bedrock.request import converse_arguments
from services.chat.llm.bedrock.response_stream import ResponseStream, ask_for_bodies, body_of
from services.chat.llm.bedrock.retry import Persistence
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
    def __init__(self, client_of: ClientOfRegion, settings: ChatSettings, clock: Clock | None = None) -> None:
        """`client_of` opens the client of a region; it is called once for each."""
        self._client_of = client_of
        self._clients: dict[str, BedrockRuntimeClient] = {}
        self._settings = settings
        self._persistence = Persistence(
            clock or SystemClock(), rounds=settings.model_rounds, within_s=settings.model_retry_s
        )

    @classmethod
    async def opened(cls, client_of: ClientOfRegion, settings: ChatSettings, clock: Clock | None = None) -> Self:
        """With the client that every request begins with."""
        models = cls(client_of, settings, clock)
        await models._client(settings.bedrock_region)
        return models

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Asked again, or elsewhere, only until the first event: what was said is never said twice."""
        silent_at = asyncio.get_running_loop().time() + self._settings.first_token_s
        asked = candidates(request.model, self._settings)

        async def begin(candidate: Candidate) -> tuple[Candidate, AsyncGenerator[ModelEvent, None], ModelEvent]:
            events = self._answer(request, candidate, silent_at)
            return candidate, events, await anext(events)

        with model_call(request, asked[0]) as call:
            candidate, events, first = await self._persistence.until_it_begins(begin, asked)
            call.served_by(candidate)
            call.from_stream(first)
            async with aclosing(events):
                yield first
                async for event in events:
                    call.from_stream(event)
                    yield event

    async def _answer(
        self, request: ModelRequest, candidate: Candidate, silent_at: float
    ) -> AsyncGenerator[ModelEvent, None]:
        body = await self._open(request, candidate, silent_at)
        patience_s, ended = self._settings.silence_s, False
        frames, reader = EventStreamDecoder(), Reader()
        with ResponseStream(body, silent_at) as line:
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
            except (BrokenFrameError, RefusedError, ModelFailedError) as error:
                failed = from_stream(error)
                if not ended:
                    raise failed from None
                _log.warning("usage not reported", problem=failed.slug, model=request.model.id)
        if not ended:
            raise ModelFailedError("model-stream-broken")

    async def _open(self, request: ModelRequest, candidate: Candidate, silent_at: float) -> aiohttp.ClientResponse:
        client = await self._client(candidate.region)
        try:
            async with asyncio.timeout_at(silent_at):
                answer = await client.converse_stream(**converse_arguments(request, candidate.model_id, self._settings))
        except ClientError as error:
            raise refused(error) from None
        except TRANSPORT_ERRORS as error:
            raise from_transport(error) from None
        return body_of(answer)

    async def _client(self, region: str) -> "BedrockRuntimeClient":
        if region not in self._clients:
            client = await self._client_of(region)
            ask_for_bodies(client)
            self._clients[region] = client
        return self._clients[region]
