"""Frame writer: batches the deltas of a turn, puts them into the log under its fence, and only then broadcasts them.

One flush is one frame, one log item and one SSE id. The first delta is flushed at once. Each flush starts when the one
before has ended, so a busy process puts more deltas into each frame.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.chat.domain import Frame, Turn, frame
from services.chat.domain.frames import FrameEvent
from services.chat.stream.broadcast import TurnBroadcast


class Log(Protocol):
    async def append(self, turn_id: str, frame: Frame, *, at_once: bool = False) -> None:
        """Put the frame, before all that can wait if `at_once`. Raises FencedError when its position is taken."""
        ...


@dataclass(slots=True)
class _PendingFrame:
    """A frame to write. `texts`: the deltas batched so far; a frame that is no delta has none."""

    event: FrameEvent
    data: dict[str, Any]
    texts: list[str] = field(default_factory=list)

    def payload(self) -> dict[str, Any]:
        return {**self.data, "text": "".join(self.texts)} if self.texts else self.data


class FrameWriter:
    """Writes the frames of one attempt of a turn. `seq`: the last position in the log."""

    def __init__(self, turn: Turn, log: Log, broadcast: TurnBroadcast, seq: int) -> None:
        self._turn = turn
        self._log = log
        self._broadcast = broadcast
        self.seq = seq
        self._pending: deque[_PendingFrame] = deque()
        self._wake = asyncio.Event()
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._closed = False
        self._wrote_nothing = True

    def delta(self, event: FrameEvent, text: str, **data: Any) -> None:
        """Add a delta; it joins the pending frame of the same event and data, if that is the last one."""
        last = self._pending[-1] if self._pending else None
        if last and not self._closed and last.texts and (last.event, last.data) == (event, data):
            last.texts.append(text)
        else:
            self._push(_PendingFrame(event, data, [text]))

    def frame(self, event: FrameEvent, data: dict[str, Any]) -> None:
        """Add a frame that is no delta."""
        self._push(_PendingFrame(event, data))

    def close(self) -> None:
        """Stop accepting frames; the closing transaction writes the last ones."""
        self._closed = True

    async def run(self) -> None:
        """Write pending frames until cancelled. Raises FencedError when this attempt has been replaced."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                await self._flush(self._pending.popleft())
            self._flushed.set()

    async def flushed(self) -> None:
        """Return when every accepted frame is in the log; never returns if `run` does not run."""
        await self._flushed.wait()

    async def _flush(self, pending: _PendingFrame) -> None:
        written = frame(self.seq + 1, pending.event, pending.payload(), self._turn.attempt)
        await self._log.append(self._turn.id, written, at_once=self._wrote_nothing)
        self._wrote_nothing = False
        self.seq = written.seq
        self._broadcast.publish(written)

    def _push(self, pending: _PendingFrame) -> None:
        if self._closed:
            return
        self._pending.append(pending)
        self._flushed.clear()
        self._wake.set()
