"""Turns that run in this process, for those who follow them here: frames from memory once they are in the log."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from services.chat.domain import Frame


class TurnBroadcast:
    """Frames of one turn from `first` on. `closed` when no more will come from this process, whatever the reason."""

    def __init__(self, turn_id: str) -> None:
        self.turn_id = turn_id
        self.closed = False
        self._frames: list[Frame] = []
        self._changed = asyncio.Event()

    def publish(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._wake()

    def publish_all(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self.publish(frame)

    def close(self) -> None:
        self.closed = True
        self._wake()

    async def after(self, seq: int) -> AsyncIterator[Frame]:
        """Frames behind `seq` as they come, until the turn is closed here; none at all before those it has."""
        while True:
            changed = self._changed
            if self._frames and seq + 1 < self._frames[0].seq:
                return
            for frame in self._frames[max(0, seq + 1 - self._frames[0].seq) :] if self._frames else ():
                seq = frame.seq
                yield frame
            if self.closed:
                return
            await changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class FrameBroadcast:
    def __init__(self) -> None:
        self._turns: dict[str, TurnBroadcast] = {}

    def open(self, turn_id: str) -> TurnBroadcast:
        live = self._turns[turn_id] = TurnBroadcast(turn_id)
        return live

    def find(self, turn_id: str) -> TurnBroadcast | None:
        return self._turns.get(turn_id)

    def close(self, live: TurnBroadcast) -> None:
        live.close()
        if self._turns.get(live.turn_id) is live:
            del self._turns[live.turn_id]
