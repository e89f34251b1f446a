"""How a turn says something: gathered, put into the log under its fence, and only then shown to anyone.

One flush is one frame, one log item, one SSE id. A flush starts when the one before has ended, so that a busy process
gathers more into each; the first delta goes at once.
"""

import asyncio
from collections import deque
from typing import Any, Protocol

from services.chat.domain import Frame, Turn, frame
from services.chat.domain.frames import FrameEvent
from services.chat.live import LiveTurn


class Log(Protocol):
    async def append(self, turn_id: str, frame: Frame, *, at_once: bool = False) -> None:
        """`at_once`: before those that can wait. Raises FencedError when the place is another attempt's."""
        ...


class Voice:
    """The voice of one attempt of a turn, speaking from behind `seq`."""

    def __init__(self, turn: Turn, log: Log, live: LiveTurn, seq: int) -> None:
        self._turn = turn
        self._log = log
        self._live = live
        self.seq = seq
        self._pending: deque[tuple[FrameEvent, list[str] | dict[str, Any]]] = deque()
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._hushed = False
        self._silent = True

    def say(self, event: FrameEvent, text: str) -> None:
        """A delta; joined to the one before when that has not been written yet."""
        if not self._hushed and self._pending and self._pending[-1][0] == event:
            parts = self._pending[-1][1]
            if isinstance(parts, list):
                parts.append(text)
                return
        self._push(event, [text])

    def tell(self, event: FrameEvent, data: dict[str, Any]) -> None:
        """A frame of its own."""
        self._push(event, data)

    def hush(self) -> None:
        """Take nothing more: the end has the next word."""
        self._hushed = True

    async def pump(self) -> None:
        """Write what is said until cancelled. Raises FencedError when this attempt's time is over."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                await self._flush(*self._pending.popleft())
            self._quiet.set()

    async def quiet(self) -> None:
        """Return when everything said is in the log; only while the pump runs."""
        await self._quiet.wait()

    async def _flush(self, event: FrameEvent, said: list[str] | dict[str, Any]) -> None:
        data = {"text": "".join(said)} if isinstance(said, list) else said
        spoken = frame(self.seq + 1, event, data, self._turn.attempt)
        await self._log.append(self._turn.id, spoken, at_once=self._silent)
        self._silent = False
        self.seq = spoken.seq
        self._live.publish(spoken)

    def _push(self, event: FrameEvent, said: list[str] | dict[str, Any]) -> None:
        if self._hushed:
            return
        self._pending.append((event, said))
        self._quiet.clear()
        self._wake.set()
