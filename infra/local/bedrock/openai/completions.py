"""A streaming client of OpenAI's chat completions. It translates failures to Bedrock's errors."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import aiohttp
from pydantic import BaseModel, Field
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_fixed

from infra.local.bedrock.errors import BedrockError, cannot_count, invalid, too_long

_ANSWER = "/chat/completions"
_COUNT = "/chat/completions/input_tokens"  # llama.cpp has it, OpenAI does not
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=120)
_ATTEMPTS = 10
_BETWEEN_S = 0.1
_KINDS = {
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
}
_OVERFLOW = ("exceed_context_size_error", "context_length_exceeded")


class Endpoint(NamedTuple):
    """`address`: up to and including `/v1`. `key`: if empty, no key is sent."""

    address: str
    key: str = ""


class Delta(BaseModel):
    content: str | None = None
    reasoning_content: str | None = None


class Choice(BaseModel):
    delta: Delta = Delta()
    finish_reason: str | None = None


class CompletionUsage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Chunk(BaseModel):
    choices: list[Choice] = Field(default_factory=list)
    usage: CompletionUsage | None = None


class InputTokens(BaseModel):
    input_tokens: int


class Completions:
    """Gets the endpoint for each request, because the server may still be loading or have a new address."""

    def __init__(self, endpoint: Callable[[], Awaitable[Endpoint]]) -> None:
        self._endpoint = endpoint

    @asynccontextmanager
    async def stream(self, body: dict[str, Any]) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Send the request and yield the chunks of the answer. Raises BedrockError.

        Leaving the context closes the connection, which ends the generation.
        """
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            with _bedrock_errors():
                response = await self._post_with_retry(session, _ANSWER, body)
                if response.status != 200:  # noqa: PLR2004 - HTTP
                    raise _refusal(response.status, await response.text())
            async with response:
                yield _chunks(response.content)

    async def count(self, body: dict[str, Any]) -> int:
        """The tokens of the prompt, as the usage of the same request reports them. Raises BedrockError."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            with _bedrock_errors():
                async with await self._post_with_retry(session, _COUNT, body) as response:
                    if response.status == 404:  # noqa: PLR2004 - HTTP
                        raise cannot_count()
                    if response.status != 200:  # noqa: PLR2004 - HTTP
                        raise _refusal(response.status, await response.text())
                    return InputTokens.model_validate_json(await response.read()).input_tokens

    async def _post_with_retry(
        self, session: aiohttp.ClientSession, path: str, body: dict[str, Any]
    ) -> aiohttp.ClientResponse:
        """Retry if there is no response: for a moment, the socket of a killed server still accepts requests."""
        waiting = AsyncRetrying(
            retry=retry_if_exception(_got_no_answer),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_fixed(_BETWEEN_S),
            reraise=True,
        )
        return await waiting(self._post, session, path, body)

    async def _post(self, session: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> aiohttp.ClientResponse:
        endpoint = await self._endpoint()
        headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
        return await session.post(f"{endpoint.address.rstrip('/')}{path}", json=body, headers=headers)


def _got_no_answer(error: BaseException) -> bool:
    """True if the connection was refused, reset or closed before the first byte. A timeout is not retried."""
    return isinstance(error, aiohttp.ClientConnectionError) and not isinstance(error, TimeoutError)


async def _chunks(lines: aiohttp.StreamReader) -> AsyncIterator[Chunk]:
    with _bedrock_errors():
        async for line in lines:
            _, data, event = line.partition(b"data: ")
            event = event.strip()
            if event == b"[DONE]":
                return
            if data and event:
                parsed = json.loads(event)
                if "error" in parsed:
                    raise _refusal(500, event.decode())
                yield Chunk.model_validate(parsed)


@contextmanager
def _bedrock_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise BedrockError("ModelTimeoutException", "The model server was silent for too long.") from None
    except aiohttp.ClientError as error:
        raise BedrockError("ServiceUnavailableException", f"The model server failed: {error}") from None
    except ValueError:
        raise BedrockError("ModelErrorException", "The model server's response is not a chat completion.") from None


def _refusal(status: int, text: str) -> BedrockError:
    if any(sign in text for sign in _OVERFLOW):
        return too_long()
    if status == 400:  # noqa: PLR2004 - HTTP
        return invalid("The model server refused the request as invalid.")
    return BedrockError(_KINDS.get(status, "ModelErrorException"), f"The model server answered {status}.")
