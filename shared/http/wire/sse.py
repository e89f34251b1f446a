"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), with back-pressure.

A slow reader delays only its own stream: no frame is taken from `frames` while the socket's buffer is full.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from shared.http.app.keys import LIMITS, STOPPING

_HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_ESCAPES: Final = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""In an event stream a line ends at CR and LF only, but some clients split at these characters, too."""
_COMMENT: Final = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """`data` is one JSON object on one line; `id` is a position that the client sends back as Last-Event-ID."""

    event: str
    data: str
    id: str | None = None

    @classmethod
    def of(cls, event: str, data: Mapping[str, Any] | BaseModel, id: str | None = None) -> "ServerEvent":  # noqa: A002
        if isinstance(data, BaseModel):
            return cls(event, data.model_dump_json(), id)
        return cls(event, json.dumps(data, ensure_ascii=False, separators=(",", ":")), id)

    def encode(self) -> bytes:
        if any(line_break in part for part in (self.event, self.id or "", self.data) for line_break in "\r\n"):
            raise ValueError("a frame's id, event and data are one line each")
        position = "" if self.id is None else f"id: {self.id}\n"
        data = self.data if self.data.isascii() else self.data.translate(_ESCAPES)
        return f"{position}event: {self.event}\ndata: {data}\n\n".encode()


async def stream_events(
    http: web.Request,
    frames: AsyncGenerator[ServerEvent, None],
    headers: Mapping[str, str] | None = None,
    *,
    seconds: float | None = None,
) -> web.StreamResponse:
    """Send these frames until they end, the client leaves, the process stops, or `seconds` have passed.

    None of these is an error. `frames` is closed in any case. After 15 s without a frame (`RequestLimits.heartbeat_s`)
    a comment is sent.
    """
    response = web.StreamResponse(headers={**_HEADERS, **(headers or {})})
    async with aclosing(frames):
        writer = _Writer(http, response, seconds)
        try:
            await response.prepare(http)
            async with asyncio.timeout(None) as scope:
                heartbeat = asyncio.create_task(writer.keep_alive(scope))
                try:
                    async for frame in frames:
                        await writer.write(frame.encode())
                finally:
                    heartbeat.cancel()
        except TimeoutError:
            if not writer.ended_on_purpose:
                raise
        except _ClientGoneError:
            pass
    return response


class _ClientGoneError(Exception):
    pass


class _Writer:
    def __init__(self, http: web.Request, response: web.StreamResponse, seconds: float | None) -> None:
        self._response = response
        self._stopping = http.app[STOPPING]
        self._heartbeat_s = http.app[LIMITS].heartbeat_s
        self._loop = asyncio.get_running_loop()
        self._written_at = self._loop.time()
        self._ends_at = self._written_at + (inf if seconds is None else seconds)
        self.ended_on_purpose = False

    async def write(self, data: bytes) -> None:
        self._written_at = self._loop.time()
        try:
            await self._response.write(data)
        except ConnectionError as error:
            raise _ClientGoneError from error

    async def keep_alive(self, scope: asyncio.Timeout) -> None:
        """Send comments on a silent stream; end it when the client has left, the process stops or its time is over."""
        silent_s = 0.0
        while not await self._stopping_within(self._heartbeat_s - silent_s) and self._loop.time() < self._ends_at:
            silent_s = self._loop.time() - self._written_at
            if silent_s >= self._heartbeat_s:
                try:
                    await self.write(_COMMENT)
                except _ClientGoneError:
                    break
                silent_s = 0.0
        self.ended_on_purpose = True
        scope.reschedule(self._loop.time())

    async def _stopping_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(min(seconds, self._ends_at - self._loop.time())):
                return await self._stopping.wait()
        except TimeoutError:
            return False
