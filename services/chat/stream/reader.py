"""Follows a turn from any place of its log, in any process: from memory where it runs, else from the table."""

from collections.abc import AsyncGenerator
from typing import Final

from services.chat.domain import Frame
from services.chat.stream.broadcast import FrameBroadcast
from services.chat.tables import Store
from shared.clock import Clock
from shared.http import problem

_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 1.0
_SLOWER: Final = 1.5


class FrameReader:
    def __init__(self, store: Store, live: FrameBroadcast, clock: Clock) -> None:
        self._store = store
        self._live = live
        self._clock = clock

    async def frames(self, turn_id: str, after: int) -> AsyncGenerator[Frame, None]:
        """Every frame behind `after`, in order and once, until the turn has ended, or is gone."""
        wait_s, over = _FIRST_WAIT_S, False
        while True:
            seen = after
            if live := self._live.find(turn_id):
                async for frame in live.after(after):
                    yield frame
                    after = frame.seq
                    if frame.ends:
                        return
            for frame in await self._store.log.after(turn_id, after):
                yield frame
                after = frame.seq
                if frame.ends:
                    return
            if after > seen:
                wait_s = _FIRST_WAIT_S
            elif over:  # an end is written with its frames: there is nothing behind `after`
                return
            else:
                wait_s, over = min(wait_s * _SLOWER, _LONGEST_WAIT_S), await self._is_over(turn_id)
            await self._clock.sleep(wait_s)

    async def _is_over(self, turn_id: str) -> bool:
        turn = await self._store.turns.get(turn_id)
        return turn is None or turn.ended

    async def refuse_if_expired(self, turn_id: str, *, ended: bool) -> None:
        """Raises `stream-expired` for a turn whose log is no longer kept."""
        if ended and not await self._store.log.after(turn_id, 0):
            raise problem("stream-expired")
