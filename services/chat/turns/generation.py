"""One call of the model for a turn: it speaks until it has ended, is stopped, or runs out of time, and is paid."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import structlog

from services.chat.domain import Turn, TurnUsage, total
from services.chat.llm.metering import InvocationRecorder
from services.chat.llm.port import ModelFailedError, ModelPort, ModelRequest, turn_problem
from services.chat.settings import ChatSettings
from services.chat.stream.writer import FrameWriter
from services.chat.turns.answer_builder import AnswerBuilder
from services.chat.turns.execution import TurnExecution
from services.chat.turns.finish import TurnOutcome
from services.chat.turns.leases import HeldLease
from shared.clock import Clock, epoch_millis

_log: Final = structlog.get_logger()


@dataclass(frozen=True)
class ToolsWanted:
    """The model stopped to have its tools called."""


@dataclass(frozen=True)
class HandedOver:
    """The process is to end: another one shall go on."""


TOOLS_WANTED: Final = ToolsWanted()
HANDED_OVER: Final = HandedOver()
End = TurnOutcome | ToolsWanted | HandedOver


class Generation:
    def __init__(self, models: ModelPort, paying: InvocationRecorder, settings: ChatSettings, clock: Clock) -> None:
        self._models = models
        self._paying = paying
        self._settings = settings
        self._clock = clock

    async def until_ended(
        self,
        work: TurnExecution,
        answer: AnswerBuilder,
        voice: FrameWriter,
        pump: "asyncio.Task[None]",
        kept: HeldLease,
    ) -> End | None:
        """What the turn comes to. None: it is not ours any more. Raises what ended the pump."""
        speaking = asyncio.create_task(self._speak(work, answer, voice))
        left_s = (work.turn.deadline - epoch_millis(self._clock.now())) / 1000
        if left_s <= 0:  # it waited too long for somebody to run it: no model is asked any more
            speaking.cancel()
        ends: set[asyncio.Future[Any]] = {speaking, pump, kept.stopped}
        try:
            done, _ = await asyncio.wait(ends, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            speaking.cancel()
        await asyncio.wait({speaking})
        usage = await self._settle(work, answer)
        if pump in done:
            pump.result()  # raises what ended it
            return None
        stopped = kept.stopped.result() if kept.stopped.done() else None
        if stopped == "lost":
            return None
        if stopped == "handed over" and speaking.cancelled():
            return HANDED_OVER
        if stopped == "cancelled":
            return TurnOutcome("cancelled", answer.content(), usage)
        if speaking.cancelled():
            return _failed(work.turn, answer, usage, "turn-timed-out")
        return self._spoken(work, answer, speaking.exception(), usage)

    async def _speak(self, work: TurnExecution, answer: AnswerBuilder, voice: FrameWriter) -> None:
        request = ModelRequest(
            work.invocation.id,
            work.model,
            work.said,
            max_output_tokens=self._settings.max_output_tokens,
            reasoning=work.turn.reasoning,
            tools=work.tools,
        )
        async with aclosing(self._models.converse(request)) as events:
            async for event in events:
                answer.take(event, voice)

    def _spoken(
        self, work: TurnExecution, answer: AnswerBuilder, error: BaseException | None, usage: TurnUsage | None
    ) -> End:
        turn = work.turn
        match error:
            case None if not answer.wants_tools:
                return TurnOutcome("completed", answer.content(), usage, answer.stop_reason)
            case None if work.rounds < self._settings.tool_rounds_limit:
                return TOOLS_WANTED
            case None:
                return _failed(turn, answer, usage, "tool-rounds-exceeded")
            case ModelFailedError() as failure:
                _log.warning("model.failed", turn_id=turn.id, model=turn.model, problem=failure.slug)
                return TurnOutcome("failed", answer.content(), usage, problem=failure.problem(turn.id))
            case error:
                _log.error("turn.failed", turn_id=turn.id, exc_info=error)
                return _failed(turn, answer, usage, "internal-error")

    async def _settle(self, work: TurnExecution, answer: AnswerBuilder) -> TurnUsage | None:
        if answer.usage:
            settled = await self._paying.settle(work.invocation, answer.usage, "reported")
        else:
            settled = await self._paying.settle_by_estimate(work.invocation, answer.words(), began=answer.began)
        return total([*work.spent, settled])


def _failed(turn: Turn, answer: AnswerBuilder, usage: TurnUsage | None, slug: str) -> TurnOutcome:
    return TurnOutcome("failed", answer.content(), usage, problem=turn_problem(slug, turn.id))
