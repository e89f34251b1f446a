"""How a turn says something: gathered, put into the log under its fence, and only then shown to anyone.

One flush is one frame, one log item, one SSE id. A flush starts when the one before has ended, so that a busy process
gathers more into each; the first delta goes at once.
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
        """`at_once`: before those that can wait. Raises FencedError when the place is another attempt's."""
        ...


@dataclass(slots=True)
class _Pending:
    """`texts`: of a delta, gathered; without, it is a frame of its own."""

    event: FrameEvent
    data: dict[str, Any]
    texts: list[str] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        return {**self.data, "text": "".join(self.texts)} if self.texts else self.data


class FrameWriter:
    """The voice of one attempt of a turn, speaking from behind `seq`."""

    def __init__(self, turn: Turn, log: Log, live: TurnBroadcast, seq: int) -> None:
        self._turn = turn
        self._log = log
        self._live = live
        self.seq = seq
        self._pending: deque[_Pending] = deque()
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._hushed = False
        self._silent = True

    def say(self, event: FrameEvent, text: str, **of_what: Any) -> None:
        """A delta; joined to the one before when that is of the same and has not been written yet."""
        last = self._pending[-1] if self._pending else None
        if last and not self._hushed and last.texts and (last.event, last.data) == (event, of_what):
            last.texts.append(text)
        else:
            self._push(_Pending(event, of_what, [text]))

    def tell(self, event: FrameEvent, data: dict[str, Any]) -> None:
        """A frame of its own."""
        self._push(_Pending(event, data))

    def close_input(self) -> None:
        """Take nothing more: the end has the next word."""
        self._hushed = True

    async def pump(self) -> None:
        """Write what is said until cancelled. Raises FencedError when this attempt's time is over."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                await self._flush(self._pending.popleft())
            self._quiet.set()

    async def flushed(self) -> None:
        """Return when everything said is in the log; only while the pump runs."""
        await self._quiet.wait()

    async def _flush(self, said: _Pending) -> None:
        spoken = frame(self.seq + 1, said.event, said.whole(), self._turn.attempt)
        await self._log.append(self._turn.id, spoken, at_once=self._silent)
        self._silent = False
        self.seq = spoken.seq
        self._live.publish(spoken)

    def _push(self, said: _Pending) -> None:
        if self._hushed:
            return
        self._pending.append(said)
        self._quiet.clear()
        self._wake.set()
