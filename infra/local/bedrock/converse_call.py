"""One call of Converse, ConverseStream or CountTokens: the request, its connection and its log entry."""

import asyncio
import socket
from dataclasses import dataclass, field
from struct import pack
from typing import NoReturn, Protocol

from aiohttp import web

from infra.local.bedrock.eventstream import CONTENT_TYPE
from infra.local.bedrock.model_ids import ModelId
from infra.local.bedrock.request_log import LoggedRequest, RequestLog
from infra.local.bedrock.request_models import ConverseRequest
from infra.local.bedrock.responses import TokenUsage

_ABORT_WITH_RST = pack("ii", 1, 0)


@dataclass
class ConverseCall:
    http: web.Request
    model: ModelId
    request: ConverseRequest
    served: LoggedRequest
    request_log: RequestLog
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def latency_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self.started) * 1000)

    async def sleep_until(self, due: float) -> None:
        """Sleep until `due` seconds after the request arrived."""
        await asyncio.sleep(max(0.0, self.started + due - asyncio.get_running_loop().time()))

    def count_output(self, tokens: int) -> None:
        if tokens and self.served.first_token_at is None:
            self.served.first_token_at = self.request_log.now()
        self.served.output_tokens += tokens

    def record_usage(self, usage: TokenUsage) -> None:
        self.served.usage = usage.payload()

    def transport(self) -> asyncio.Transport:
        """Raises ConnectionResetError when the client has disconnected."""
        transport = self.http.transport
        if transport is None:
            raise ConnectionResetError("the client has disconnected")
        return transport

    async def reset(self) -> NoReturn:
        """Reset the connection (the client gets ECONNRESET), then wait until this call is cancelled."""
        transport = self.transport()
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT_WITH_RST)
        transport.abort()
        await self.wait_for_disconnect()

    async def wait_for_disconnect(self) -> NoReturn:
        """Wait until the client disconnects, which cancels this call."""
        while True:
            await asyncio.Event().wait()

    def json_response(self, body: object) -> web.Response:
        """The response of Converse and of CountTokens."""
        return web.json_response(body, headers={"x-amzn-RequestId": self.served.request_id})


class ResponseStream:
    """The response of ConverseStream. Frames are written directly to the socket, each as one HTTP chunk."""

    def __init__(self, call: ConverseCall) -> None:
        self._call = call
        self._response = web.StreamResponse(
            headers={"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": call.served.request_id}
        )

    async def open(self) -> None:
        self._response.enable_chunked_encoding()
        await self._response.prepare(self._call.http)

    def write(self, data: bytes, tokens: int) -> None:
        """Write without waiting, because an answer is small. Raises ConnectionResetError if the client disconnected."""
        self._call.transport().write(b"%x\r\n%b\r\n" % (len(data), data))
        self._call.count_output(tokens)

    async def close(self) -> web.StreamResponse:
        await self._response.write_eof()
        return self._response


class ConverseModel(Protocol):
    async def converse(self, call: ConverseCall) -> web.StreamResponse: ...

    async def converse_stream(self, call: ConverseCall) -> web.StreamResponse: ...

    async def count_tokens(self, call: ConverseCall) -> int:
        """What `inputTokens` says when this request is answered, cached tokens added. Raises BedrockError."""
        ...
