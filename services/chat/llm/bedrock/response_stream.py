"""The line to a provider while it answers: its bytes as they come, and what has become of it when none do."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from services.chat.llm.port import ModelFailedError

_EVENT: Final = "response-received.bedrock-runtime.ConverseStream"
_BODY: Final = "body"


def expose_body(client: Any) -> None:
    """Make a client of `bedrock-runtime` hand out the body as it comes, beside its own slower reading of it.

    By a documented event of botocore, once per client.
    """
    client.meta.events.register(_EVENT, _keep_body, unique_id="colloquy-body")


def response_body(answer: Mapping[str, Any]) -> aiohttp.ClientResponse:
    body: aiohttp.ClientResponse = answer[_BODY]
    return body


def _keep_body(
    response_dict: dict[str, Any] | None = None, parsed_response: dict[str, Any] | None = None, **_: Any
) -> None:
    if response_dict is not None and parsed_response is not None:
        parsed_response[_BODY] = response_dict["body"]


class ResponseByteStream:
    """Use as a context manager: at its end the connection is closed, not reused, so that the provider stops, too.

    One timer a line, and it is set anew only when it rings too early: a token costs none.
    """

    def __init__(self, body: aiohttp.ClientResponse, silent_after: float) -> None:
        """`silent_at`: when something must have come, in the event loop's time."""
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._silent_after = silent_after
        self._silent = False
        self._timer = self._loop.call_at(silent_after, self._check_silence)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._body.close()

    async def read(self) -> bytes:
        """What has come since; empty at the end. Raises ModelFailedError."""
        try:
            return await self._body.content.readany()
        except TimeoutError:
            raise ModelFailedError("model-silent") from None
        except (aiohttp.ClientError, ConnectionError):
            raise ModelFailedError("model-silent" if self._silent else "model-stream-broken") from None

    def expect(self, within_s: float) -> None:
        """Something came; the next must come within so many seconds."""
        self._silent_after = self._loop.time() + within_s
        if self._silent_after < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(self._silent_after, self._check_silence)

    def _check_silence(self) -> None:
        if self._loop.time() < self._silent_after:
            self._timer = self._loop.call_at(self._silent_after, self._check_silence)
        else:
            self._silent = True
            self._body.close()  # wakes whoever reads
