"""Finishes a turn: last frames, answer, turn, conversation and event in one transaction, under the fence."""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from services.chat.domain import ContentBlock, Frame, Message, Turn, TurnProblem, TurnState, TurnUsage, frame, total
from services.chat.domain.frames import FrameEvent
from services.chat.domain.stream_lease import Caller
from services.chat.events import ChatEvents
from services.chat.leases.held_turn import HeldTurn
from services.chat.tables import FencedError, Store
from shared.clock import Clock
from shared.http.problems.details import problem_details
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import problem

_OF_CONVERSATION: Final = frozenset({"conversation", "message"})
"""Names of the writes that conflict when the conversation was deleted meanwhile."""


@dataclass(frozen=True)
class TurnOutcome:
    """How a turn ends. `title`: of its conversation, if the readers must learn it."""

    state: TurnState
    content: list[ContentBlock] = field(default_factory=list)
    usage: TurnUsage | None = None
    stop_reason: str | None = None
    problem: TurnProblem | None = None
    title: str | None = None

    @classmethod
    def failed(cls, turn: Turn, slug: str, detail: str = "") -> Self:
        """The end of a turn with the problem `slug`."""
        return cls("failed", problem=turn_problem(slug, turn.id, detail))


def turn_problem(slug: str, instance: str, detail: str = "") -> TurnProblem:
    """Build the problem `slug` in the form in which a failed turn is stored."""
    failure = problem(slug, detail)
    return TurnProblem.model_validate({**problem_details(failure, instance), "retryable": failure.kind.retryable})


class FinishTurn:
    def __init__(self, store: Store, events: ChatEvents, clock: Clock) -> None:
        self._store = store
        self._events = events
        self._clock = clock

    async def finish(self, turn: Turn, outcome: TurnOutcome, seq: int) -> list[Frame]:
        """End the turn in its attempt; returns the frames that were put after `seq`.

        A conversation that was deleted meanwhile stays deleted: then only the turn ends. Raises FencedError when
        another process has taken the turn over or ended it.
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
        frames = _last_frames(ended, outcome.title, seq)
        uow = await self._unit_of_work(ended, outcome, frames)
        try:
            await uow.commit()
        except Conflict as conflict:
            if conflict.names <= _OF_CONVERSATION:
                await self._end_turn_alone(uow.without(_OF_CONVERSATION), ended, frames)
            else:
                await self._confirm_own_commit(ended, frames)
        return frames

    async def finish_held(self, held: HeldTurn, outcome: TurnOutcome) -> list[Frame]:
        """End a turn that does not run here, with what earlier runs have produced; else as `finish`."""
        outcome = replace(outcome, content=held.progress.content, usage=total(held.invocations))
        return await self.finish(held.turn, outcome, held.progress.seq)

    async def _unit_of_work(self, ended: Turn, outcome: TurnOutcome, frames: list[Frame]) -> UnitOfWork:
        store, at = self._store, ended.ended_at or self._clock.now()
        uow = store.begin()
        uow.put("turn", store.turns.ended(ended))
        uow.put(
            "conversation",
            store.conversations.turn_ended(ended.owner_id, ended.conversation_id, ended.id, ended.message_id, at),
        )
        uow.put("message", await store.messages.put_new(_answer(ended, outcome)))
        for each in frames:
            uow.put(f"frame {each.seq}", store.log.put(ended.id, each))
        uow.put("concurrency", store.concurrency.remove_turns(Caller.of_turn(ended), [ended.id]))
        uow.emit(self._events.turn_ended(ended))
        return uow

    async def _end_turn_alone(self, uow: UnitOfWork, ended: Turn, frames: list[Frame]) -> None:
        try:
            await uow.commit()
        except Conflict:
            await self._confirm_own_commit(ended, frames)

    async def _confirm_own_commit(self, ended: Turn, frames: list[Frame]) -> None:
        """A failed commit may have succeeded with its response lost: if the log's last frame is ours, it did.

        Raises FencedError when it is not: then this process has lost the turn.
        """
        if not await self._store.log.contains(ended.id, frames[-1]):
            raise FencedError(ended.id)


def _last_frames(turn: Turn, title: str | None, seq: int) -> list[Frame]:
    drafts: list[tuple[FrameEvent, dict[str, Any]]] = []
    if title:
        drafts.append(("conversation.renamed", {"title": title}))
    if turn.usage:
        drafts.append(("usage", turn.usage.model_dump()))
    match turn.state:
        case "completed":
            drafts.append(("turn.completed", {"message_id": turn.message_id, "stop_reason": turn.stop_reason}))
        case "cancelled":
            drafts.append(("turn.cancelled", {"message_id": turn.message_id}))
        case _:
            drafts.append(("turn.failed", turn.error.model_dump() if turn.error else {}))
    return [frame(number, event, data, turn.attempt) for number, (event, data) in enumerate(drafts, start=seq + 1)]


def _answer(turn: Turn, outcome: TurnOutcome) -> Message:
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
