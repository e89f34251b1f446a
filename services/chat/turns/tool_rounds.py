"""Calls of tools: the turn stores them, lets go of its lease and has agents execute them; results bring it back."""

import asyncio
import json
from typing import Final

from services.chat.adapters.tool_queue import ToolQueue
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.domain import Frame, ToolCall, ToolCallBlock, ToolResultBlock, ToolRound, Turn, frame
from services.chat.events import ChatEvents
from services.chat.llm.port import ToolUse
from services.chat.tables import FencedError, Store
from services.chat.turns.answer_builder import AnswerBuilder
from shared.clock import Clock, epoch_millis
from shared.events.commands import AnswerToolCall
from shared.ids import Ids
from shared.persistence.transactions import Conflict

MOST_CALLS: Final = 16
"""Calls of one round that are executed; the model is told that it asked for too many."""
_DEADLINE_S: Final = 60
_OUTPUT_CHARS: Final = 64 * 1024


class ToolCallDispatcher:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self, store: Store, calls: ToolQueue, summons: TurnQueue, teller: ChatEvents, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._calls = calls
        self._summons = summons
        self._teller = teller
        self._clock = clock
        self._ids = ids

    async def ask(self, turn: Turn, number: int, answer: AnswerBuilder, seq: int) -> list[Frame]:
        """Store what the model asks for as the turn's round `number`, and have it done; the frames that were put.

        Nobody runs the turn from then on; the watchdog sees to calls that are lost. Raises FencedError when somebody
        else has taken the turn over or ended it.
        """
        await self._summons.watch(turn.id)
        done = self._round(turn, number, answer)
        frames = [
            frame(
                place, "tool.call", {"call_id": block.call_id, "name": block.name, "input": block.input}, turn.attempt
            )
            for place, block in enumerate(done.call_blocks(), start=seq + 1)
        ]
        uow = self._store.begin()
        uow.put("turn", self._store.turns.awaiting_tools(turn))
        for name, write in self._store.rounds.put_new(turn.id, done).items():
            uow.put(name, write)
        for each in frames:
            uow.put(f"frame {each.seq}", self._store.log.put(turn.id, each))
        uow.emit(*(self._teller.tool_call_requested(turn, call, block.name) for call, block in done.unanswered()))
        try:
            await uow.commit()
        except Conflict:
            if not await self._store.log.contains(turn.id, frames[-1]):
                raise FencedError(turn.id) from None
        await asyncio.gather(*(self._calls.send(turn, call, block) for call, block in done.unanswered()))
        return frames

    async def answered(self, told: AnswerToolCall) -> bool:
        """Write down what came of a call, if nothing did before; whether the turn waits for no other."""
        output, status = told.output, told.status
        if len(json.dumps(output)) > _OUTPUT_CHARS:
            output, status = {"error": "The tool's answer was too long."}, "error"
        result = ToolResultBlock(call_id=told.call_id, status=status, output=output, took_ms=told.took_ms)
        await self._store.rounds.record_result(told.turn_id, result)
        return all(each.answered for each in await self._store.rounds.of_turn(told.turn_id))

    async def see_to(self, turn: Turn) -> int:
        """How many calls the turn still waits for: sent again, for agents executes each once, however often it comes.

        Those whose deadline has passed are answered as failed instead.
        """
        now, waited_for = epoch_millis(self._clock.now()), 0
        for each in await self._store.rounds.of_turn(turn.id):
            for call, asked in each.unanswered():
                if call.deadline <= now:
                    await self._store.rounds.record_result(
                        turn.id, _failed(call.id, "The tool did not answer in time.")
                    )
                else:
                    await self._calls.send(turn, call, asked)
                    waited_for += 1
        return waited_for

    def _round(self, turn: Turn, number: int, answer: AnswerBuilder) -> ToolRound:
        now = epoch_millis(self._clock.now())
        deadline = min(now + _DEADLINE_S * 1000, turn.deadline)
        blocks = [self._block(asked) for asked in answer.asked]
        return ToolRound(
            number=number,
            content=[*answer.said(), *blocks],
            calls=[
                ToolCall(id=block.call_id, deadline=deadline, answer=_refusal(turn, place, block))
                for place, block in enumerate(blocks)
            ],
        )

    def _block(self, asked: ToolUse) -> ToolCallBlock:
        return ToolCallBlock(call_id=self._ids.new("call"), name=asked.name, input=asked.input)


def _refusal(turn: Turn, place: int, block: ToolCallBlock) -> ToolResultBlock | None:
    """What need not be sent to anybody: tools that the turn was not offered, and more than it may have at once."""
    if block.name not in turn.tools:
        return _failed(block.call_id, "There is no such tool.")
    if place >= MOST_CALLS:
        return _failed(block.call_id, f"At most {MOST_CALLS} tools can be called at once.")
    return None


def _failed(call_id: str, why: str) -> ToolResultBlock:
    return ToolResultBlock(call_id=call_id, status="error", output={"error": why}, took_ms=0)
