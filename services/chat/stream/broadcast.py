"""In-process broadcast of frames: readers in the runner's process get frames from memory once they are in the log."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from services.chat.domain import Frame


class TurnBroadcast:
    """The frames of one run of a turn. `closed`: this process publishes no more of them, for whatever reason."""

    def __init__(self, turn_id: str) -> None:
        self.turn_id = turn_id
        self.closed = False
        self._frames: list[Frame] = []
        self._changed = asyncio.Event()

    def publish(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._notify()

    def publish_all(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self.publish(frame)

    def close(self) -> None:
        self.closed = True
        self._notify()

    async def after(self, seq: int) -> AsyncIterator[Frame]:
        """Yield the frames after `seq` as they come, until this broadcast is closed.

        Ends at once when frames between `seq` and the first one here are missing: the reader needs the table for them.
        """
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

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class FrameBroadcast:
    """The broadcasts of all turns that run in this process."""

    def __init__(self) -> None:
        self._turns: dict[str, TurnBroadcast] = {}

    def open(self, turn_id: str) -> TurnBroadcast:
        broadcast = self._turns[turn_id] = TurnBroadcast(turn_id)
        return broadcast

    def find(self, turn_id: str) -> TurnBroadcast | None:
        return self._turns.get(turn_id)

    def close(self, broadcast: TurnBroadcast) -> None:
        """Close this broadcast; a later one of the same turn stays open."""
        broadcast.close()
        if self._turns.get(broadcast.turn_id) is broadcast:
            del self._turns[broadcast.turn_id]
