"""One request on its way to an answer: what the models need of the connection, and nothing of routes."""

import asyncio
import socket
from dataclasses import dataclass, field
from struct import pack
from typing import NoReturn, Protocol

from aiohttp import web

from infra.local.bedrock.answers import Usage
from infra.local.bedrock.eventstream import CONTENT_TYPE
from infra.local.bedrock.journal import Journal, Served
from infra.local.bedrock.model_ids import ModelId
from infra.local.bedrock.wire import ConverseRequest

_ABORT_WITH_RST = pack("ii", 1, 0)


@dataclass
class Exchange:
    http: web.Request
    model: ModelId
    request: ConverseRequest
    served: Served
    journal: Journal
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def latency_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self.started) * 1000)

    async def until(self, due: float) -> None:
        """Sleep until `due` seconds after the request came."""
        await asyncio.sleep(max(0.0, self.started + due - asyncio.get_running_loop().time()))

    def said(self, tokens: int) -> None:
        if tokens and self.served.first_token_at is None:
            self.served.first_token_at = self.journal.now()
        self.served.output_tokens += tokens

    def billed(self, usage: Usage) -> None:
        self.served.usage = usage.payload()

    def transport(self) -> asyncio.Transport:
        """Raises ConnectionResetError when the client has gone."""
        transport = self.http.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        return transport

    async def reset(self) -> NoReturn:
        """Make the client see ECONNRESET, then wait to be cancelled with the connection."""
        transport = self.transport()
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT_WITH_RST)
        transport.abort()
        await self.silence()

    async def silence(self) -> NoReturn:
        """Until the client goes away, which cancels this."""
        while True:
            await asyncio.Event().wait()

    def whole(self, body: object) -> web.Response:
        """The response of Converse."""
        return web.json_response(body, headers={"x-amzn-RequestId": self.served.request_id})


class EventStream:
    """The response of ConverseStream. Frames go straight to the socket, each its own HTTP chunk."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._response = web.StreamResponse(
            headers={"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": exchange.served.request_id}
        )

    async def open(self) -> None:
        self._response.enable_chunked_encoding()
        await self._response.prepare(self._exchange.http)

    def write(self, data: bytes, tokens: int) -> None:
        """Raises ConnectionResetError when the client has gone. Does not wait: an answer is small."""
        self._exchange.transport().write(b"%x\r\n%b\r\n" % (len(data), data))
        self._exchange.said(tokens)

    async def close(self) -> web.StreamResponse:
        await self._response.write_eof()
        return self._response


class ConversingModel(Protocol):
    async def converse(self, exchange: Exchange) -> web.StreamResponse: ...

    async def converse_stream(self, exchange: Exchange) -> web.StreamResponse: ...
