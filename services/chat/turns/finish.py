"""How a turn ends: last frames, answer, turn, head and event in one transaction, under the fence."""

from dataclasses import dataclass, field
from typing import Any

from services.chat.domain import ContentBlock, Frame, Message, Turn, TurnProblem, TurnState, TurnUsage, frame
from services.chat.domain.frames import FrameEvent
from services.chat.domain.stream_lease import Caller
from services.chat.events import ChatEvents
from services.chat.tables import Cancelled, FencedError, Store
from shared.clock import Clock
from shared.persistence.transactions import Write

_META = 0  # positions of the writes in the transaction
_HEAD = 1
_MESSAGE = 2


@dataclass(frozen=True)
class Outcome:
    state: TurnState
    content: list[ContentBlock] = field(default_factory=list)
    usage: TurnUsage | None = None
    stop_reason: str | None = None
    problem: TurnProblem | None = None


class FinishTurn:
    def __init__(self, store: Store, teller: ChatEvents, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock

    async def end(self, turn: Turn, outcome: Outcome, seq: int) -> list[Frame]:
        """End the turn in its attempt, speaking from behind `seq`; the frames that were put.

        A conversation that was deleted meanwhile stays deleted: then only the turn ends. Raises FencedError when
        somebody else has taken the turn over or ended it.
        """
        ended = turn.model_copy(
            update={
                "state": outcome.state,
                "ended_at": self._clock.now(),
                "stop_reason": outcome.stop_reason,
                "error": outcome.problem,
                "usage": outcome.usage,
            }
        )
        frames = _last_frames(ended, seq)
        fence = [self._store.log.put(turn.id, each) for each in frames]
        message = await self._store.messages.put_new(_answer(ended, outcome))
        try:
            await self._commit(ended, [*self._conversation(ended), message, *fence])
        except Cancelled as cancelled:
            if cancelled.failed & {_META} or cancelled.failed - {_HEAD, _MESSAGE}:
                await self._recognise(ended, frames)
            else:
                await self._end_without_conversation(ended, frames, fence)
        return frames

    async def _end_without_conversation(self, ended: Turn, frames: list[Frame], fence: list[Write]) -> None:
        try:
            await self._commit(ended, fence)
        except Cancelled:
            await self._recognise(ended, frames)

    async def _commit(self, ended: Turn, also: list[Write]) -> None:
        uncounted = self._store.seats.turns_gone(Caller.of_turn(ended), [ended.id])
        writes = [self._store.turns.ended(ended), *also, uncounted]
        await self._store.commit(writes, [self._teller.turn_ended(ended)])

    async def _recognise(self, ended: Turn, frames: list[Frame]) -> None:
        """An end that was written, but whose answer was lost, is ours; any other is not."""
        if not await self._store.log.is_mine(ended.id, frames[-1]):
            raise FencedError(ended.id)

    def _conversation(self, ended: Turn) -> list[Write]:
        at = ended.ended_at or self._clock.now()
        return [
            self._store.conversations.turn_ended(ended.owner_id, ended.conversation_id, ended.id, ended.message_id, at)
        ]


def _last_frames(turn: Turn, seq: int) -> list[Frame]:
    said: list[tuple[FrameEvent, dict[str, Any]]] = []
    if turn.usage:
        said.append(("usage", turn.usage.model_dump()))
    match turn.state:
        case "completed":
            said.append(("turn.completed", {"message_id": turn.message_id, "stop_reason": turn.stop_reason}))
        case "cancelled":
            said.append(("turn.cancelled", {"message_id": turn.message_id}))
        case _:
            said.append(("turn.failed", turn.error.model_dump() if turn.error else {}))
    return [frame(seq + place, event, data, turn.attempt) for place, (event, data) in enumerate(said, start=1)]


def _answer(turn: Turn, outcome: Outcome) -> Message:
    return Message(
        id=turn.message_id,
        conversation_id=turn.conversation_id,
        parent_id=turn.user_message_id,
        role="assistant",
        content=outcome.content,
        status="complete"
        if outcome.state == "completed"
        else "cancelled"
        if outcome.state == "cancelled"
        else "failed",
        model=turn.model,
        turn_id=turn.id,
        stop_reason=outcome.stop_reason,
        usage=outcome.usage,
        error=outcome.problem.model_dump() if outcome.problem else None,
        created_at=turn.created_at,
    )
