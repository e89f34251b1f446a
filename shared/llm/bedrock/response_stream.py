"""Reads the bytes of a streamed response as they arrive, and gives up when none arrive in time."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from shared.llm.port import ModelFailedError

_RESPONSE_RECEIVED: Final = "response-received.bedrock-runtime.ConverseStream"
_BODY: Final = "body"


def expose_body(client: Any) -> None:
    """Make a client of `bedrock-runtime` return the raw response body as well, because botocore's parser is slower.

    It uses a documented event of botocore. Call it once per client.
    """
    client.meta.events.register(_RESPONSE_RECEIVED, _keep_body, unique_id="colloquy-body")


def response_body(response: Mapping[str, Any]) -> aiohttp.ClientResponse:
    body: aiohttp.ClientResponse = response[_BODY]
    return body


def _keep_body(
    response_dict: dict[str, Any] | None = None, parsed_response: dict[str, Any] | None = None, **_: Any
) -> None:
    if response_dict is not None and parsed_response is not None:
        parsed_response[_BODY] = response_dict["body"]


class ResponseByteStream:
    """A response with a deadline for its next event. Use it as a context manager.

    On exit the connection is closed instead of reused, so that the provider stops generating. There is one timer per
    response: a later deadline only changes a number, so tokens set no timers.
    """

    def __init__(self, body: aiohttp.ClientResponse, deadline: float) -> None:
        """`deadline`: when the first event must have come, in the event loop's time."""
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._timed_out = False
        self._timer = self._loop.call_at(deadline, self._check_deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._body.close()

    async def read(self) -> bytes:
        """Return the bytes that have arrived, at least one; empty at the end of the response.

        Raises ModelFailedError: `model-silent` after the deadline, `model-stream-broken` when the connection broke.
        """
        try:
            return await self._body.content.readany()
        except TimeoutError:
            raise ModelFailedError("model-silent") from None
        except (aiohttp.ClientError, ConnectionError):
            raise ModelFailedError("model-silent" if self._timed_out else "model-stream-broken") from None

    def expect_within(self, seconds: float) -> None:
        """Move the deadline: the next event must come within so many seconds from now."""
        self._deadline = self._loop.time() + seconds
        if self._deadline < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._check_deadline)
        else:
            self._timed_out = True
            self._body.close()  # ends a pending read
