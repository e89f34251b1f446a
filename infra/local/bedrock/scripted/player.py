"""Sends frames on a fixed schedule: a late frame does not delay the next. Each stream has one timer, not a task."""

import asyncio
from collections.abc import Iterator

from infra.local.bedrock.converse_call import ResponseStream
from infra.local.bedrock.scripted.frames import TimedFrame

_AT_ONCE = 128


class Player:
    def __init__(self, stream: ResponseStream, started: float, frames: Iterator[TimedFrame]) -> None:
        self._stream = stream
        self._started = started
        self._frames = frames
        self._next = next(frames, None)
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.Handle | None = None

    async def play(self) -> None:
        """Send all frames. If the client disconnects, this is cancelled or raises ConnectionError."""
        self._step()
        try:
            await self._done
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _step(self) -> None:
        if self._done.done():
            return
        try:
            self._send_what_is_due()
        except ConnectionError as error:
            self._done.set_exception(error)
            return
        if self._next is None:
            self._done.set_result(None)
        else:
            self._timer = self._loop.call_at(self._started + self._next.due, self._step)

    def _send_what_is_due(self) -> None:
        """Send everything that is due in one write; after many frames, let other tasks run first."""
        now = self._loop.time() - self._started
        data, tokens, count = b"", 0, 0
        while self._next is not None and self._next.due <= now and count < _AT_ONCE:
            data += self._next.data
            tokens += self._next.tokens
            count += 1
            self._next = next(self._frames, None)
        if data:
            self._stream.write(data, tokens)
