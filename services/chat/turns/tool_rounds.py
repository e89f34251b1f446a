"""Tool rounds: the turn stores its tool calls and releases its lease; agents executes them; the results resume it."""

import asyncio
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from services.chat.adapters.tool_queue import ToolQueue
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.domain import Frame, ToolCall, ToolCallBlock, ToolResultBlock, ToolRound, Turn, frame
from services.chat.events import ChatEvents
from services.chat.tables import FencedError, Store
from services.chat.turns.answer_builder import AnswerBuilder
from shared.clock import Clock, epoch_millis
from shared.events.commands import AnswerToolCall
from shared.ids import Ids
from shared.llm.port import BrokenToolUse, ToolUse
from shared.persistence.transactions import Conflict

MAX_CALLS_PER_ROUND: Final = 16
"""Further calls of a round are not executed; their result tells the model that they were too many."""
MAX_KEPT_CALLS: Final = 32
"""Calls beyond these are dropped: each costs two writes of one transaction, which holds a hundred."""
_MAX_NAME_CHARS: Final = 200
_DEADLINE_S: Final = 60
_MAX_OUTPUT_CHARS: Final = 64 * 1024


class ToolCallDispatcher:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self, store: Store, tool_queue: ToolQueue, turn_queue: TurnQueue, events: ChatEvents, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._tool_queue = tool_queue
        self._turn_queue = turn_queue
        self._events = events
        self._clock = clock
        self._ids = ids

    async def dispatch(self, turn: Turn, answer: AnswerBuilder, seq: int) -> list[Frame]:
        """Store the model's tool calls as a round and send them to agents; returns the frames after `seq`.

        The turn has no runner from then on; the watchdog sends lost calls again. Raises FencedError when another
        process has taken the turn over or ended it.
        """
        await self._turn_queue.schedule_check(turn.id)
        tool_round = self._round(turn, answer)
        frames = [
            frame(seq, "tool.call", {"call_id": block.call_id, "name": block.name, "input": block.input}, turn.attempt)
            for seq, block in enumerate(tool_round.call_blocks(), start=seq + 1)
        ]
        uow = self._store.begin()
        uow.put("turn", self._store.turns.awaiting_tools(turn))
        for name, write in self._store.rounds.put_new(turn.id, tool_round).items():
            uow.put(name, write)
        for each in frames:
            uow.put(f"frame {each.seq}", self._store.log.put(turn.id, each))
        uow.emit(*(self._events.tool_call_requested(turn, call, block.name) for call, block in tool_round.unanswered()))
        try:
            await uow.commit()
        except Conflict:
            if not await self._store.log.contains(turn.id, frames[-1]):
                raise FencedError(turn.id) from None
        if tool_round.answered:
            await self._turn_queue.enqueue(turn.id)
        await asyncio.gather(*(self._tool_queue.send(turn, call, block) for call, block in tool_round.unanswered()))
        return frames

    async def record_result(self, command: AnswerToolCall) -> bool:
        """Record the result of a call, unless it has one; returns whether all calls of the turn have results now."""
        output, status = command.output, command.status
        if len(json.dumps(output)) > _MAX_OUTPUT_CHARS:
            output, status = {"error": "The tool's answer was too long."}, "error"
        result = ToolResultBlock(call_id=command.call_id, status=status, output=output, took_ms=command.took_ms)
        await self._store.rounds.record_result(command.turn_id, result)
        return all(each.answered for each in await self._store.rounds.of_turn(command.turn_id))

    async def resend_pending(self, turn: Turn, rounds: Iterable[ToolRound]) -> None:
        """Send the calls that are still in time and have no result again; agents executes each call only once."""
        now = epoch_millis(self._clock.now())
        for each in rounds:
            for call, block in each.unanswered():
                if call.deadline > now:
                    await self._tool_queue.send(turn, call, block)

    async def fail_overdue(self, turn: Turn, rounds: Iterable[ToolRound]) -> None:
        """Record a failed result for each call whose deadline has passed without one."""
        now = epoch_millis(self._clock.now())
        for each in rounds:
            for call, _ in each.unanswered():
                if call.deadline <= now:
                    result = _failed(call.id, "The tool did not answer in time.")
                    await self._store.rounds.record_result(turn.id, result)

    def _round(self, turn: Turn, answer: AnswerBuilder) -> ToolRound:
        """The first calls of the model with what each is answered at once, if it is not executed."""
        now = epoch_millis(self._clock.now())
        deadline = min(now + _DEADLINE_S * 1000, turn.deadline)
        kept = answer.tool_uses[:MAX_KEPT_CALLS]
        ids = [self._ids.new("call") for _ in kept]
        refusals = _refusals(kept, answer.offered_tools, ignored=len(answer.tool_uses) - len(kept))
        blocks = [_call_block(call_id, use) for call_id, use in zip(ids, kept, strict=True)]
        answers = [_failed(call_id, why) if why else None for call_id, why in zip(ids, refusals, strict=True)]
        return ToolRound(
            number=answer.round_number,
            content=answer.blocks(blocks),
            calls=[
                ToolCall(id=call_id, deadline=deadline, answer=result)
                for call_id, result in zip(ids, answers, strict=True)
            ],
        )


def _call_block(call_id: str, use: ToolUse | BrokenToolUse) -> ToolCallBlock:
    arguments = use.input if isinstance(use, ToolUse) else {}
    return ToolCallBlock(call_id=call_id, name=use.name[:_MAX_NAME_CHARS], input=arguments)


def _refusals(kept: Sequence[ToolUse | BrokenToolUse], offered: Collection[str], *, ignored: int) -> list[str]:
    """For each call, why it is not executed, in words for the model; empty for a call that is sent."""
    seen: set[str] = set()
    refusals: list[str] = []
    for use in kept:
        why = _refusal(use, offered, seen)
        if not why and len(seen) > MAX_CALLS_PER_ROUND:
            why = f"At most {MAX_CALLS_PER_ROUND} tools can be called at once."
        refusals.append(why)
    if ignored and refusals:
        refusals[-1] = f"Too many tools were called at once: this call and {ignored} more were ignored."
    return refusals


def _refusal(use: ToolUse | BrokenToolUse, offered: Collection[str], seen: set[str]) -> str:
    """Why this call is not executed; `seen` are the calls before it, to which it is added."""
    if isinstance(use, BrokenToolUse):
        return "The input of this call is not a JSON object."
    if use.name not in offered:
        return "There is no such tool."
    call = json.dumps([use.name, use.input], sort_keys=True)
    if call in seen:
        return "This call repeats an earlier one of this answer: see its result."
    seen.add(call)
    return ""


def _failed(call_id: str, why: str) -> ToolResultBlock:
    return ToolResultBlock(call_id=call_id, status="error", output={"error": why}, took_ms=0)
