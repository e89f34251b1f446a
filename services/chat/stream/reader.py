"""Frame reader: reads a turn's frames from any position, from memory where the turn runs, else from the table."""

from collections.abc import AsyncGenerator
from typing import Final

from services.chat.domain import Frame
from services.chat.stream.broadcast import FrameBroadcast
from services.chat.tables import Store
from shared.clock import Clock
from shared.problems import problem

_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 1.0
_BACKOFF: Final = 1.5


class FrameReader:
    def __init__(self, store: Store, broadcast: FrameBroadcast, clock: Clock) -> None:
        self._store = store
        self._broadcast = broadcast
        self._clock = clock

    async def frames(self, turn_id: str, after: int) -> AsyncGenerator[Frame, None]:
        """Yield every frame after `after` once and in order, until the turn has ended or is erased."""
        wait_s, has_ended = _FIRST_WAIT_S, False
        while True:
            previous = after
            if broadcast := self._broadcast.find(turn_id):
                async for frame in broadcast.after(after):
                    yield frame
                    after = frame.seq
                    if frame.ends:
                        return
            for frame in await self._store.log.after(turn_id, after):
                yield frame
                after = frame.seq
                if frame.ends:
                    return
            if after > previous:
                wait_s = _FIRST_WAIT_S
            elif has_ended:  # the end is committed together with its frames: there are none after `after`
                return
            else:
                wait_s, has_ended = min(wait_s * _BACKOFF, _LONGEST_WAIT_S), await self._has_ended(turn_id)
            await self._clock.sleep(wait_s)

    async def _has_ended(self, turn_id: str) -> bool:
        turn = await self._store.turns.get(turn_id)
        return turn is None or turn.ended

    async def refuse_if_expired(self, turn_id: str, *, ended: bool) -> None:
        """Raises `stream-expired` for an ended turn whose log has been deleted."""
        if ended and not await self._store.log.after(turn_id, 0):
            raise problem("stream-expired")
