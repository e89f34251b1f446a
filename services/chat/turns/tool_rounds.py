"""Tool rounds: the turn stores its tool calls and releases its lease; agents executes them; the results resume it."""

import asyncio
import json
from collections.abc import Collection, Iterable
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
from shared.llm.port import ToolUse
from shared.persistence.transactions import Conflict

MAX_CALLS_PER_ROUND: Final = 16
"""Further calls of a round are not executed; their result tells the model that they were too many."""
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
        now = epoch_millis(self._clock.now())
        deadline = min(now + _DEADLINE_S * 1000, turn.deadline)
        blocks = [self._block(tool_use) for tool_use in answer.tool_uses]
        return ToolRound(
            number=answer.round_number,
            content=[*answer.blocks(), *blocks],
            calls=[
                ToolCall(id=block.call_id, deadline=deadline, answer=_refusal(answer.offered_tools, index, block))
                for index, block in enumerate(blocks)
            ],
        )

    def _block(self, tool_use: ToolUse) -> ToolCallBlock:
        return ToolCallBlock(call_id=self._ids.new("call"), name=tool_use.name, input=tool_use.input)


def _refusal(offered: Collection[str], index: int, block: ToolCallBlock) -> ToolResultBlock | None:
    """The result of a call that is not sent: the turn was not offered the tool, or the round has too many calls."""
    if block.name not in offered:
        return _failed(block.call_id, "There is no such tool.")
    if index >= MAX_CALLS_PER_ROUND:
        return _failed(block.call_id, f"At most {MAX_CALLS_PER_ROUND} tools can be called at once.")
    return None


def _failed(call_id: str, why: str) -> ToolResultBlock:
    return ToolResultBlock(call_id=call_id, status="error", output={"error": why}, took_ms=0)
