"""Generation: one model call for a turn, ended by the model, a stop or the deadline; settles its invocation."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from services.chat.domain import ContentBlock, Frame, Turn, TurnUsage, total
from services.chat.settings import ChatSettings
from services.chat.stream.writer import FrameWriter
from services.chat.turns.answer_builder import AnswerBuilder
from services.chat.turns.finish import TurnOutcome, turn_problem
from services.chat.turns.leases import HeldLease
from shared.catalogue import Model
from shared.clock import Clock, epoch_millis
from shared.llm.invocation import Invocation
from shared.llm.metering import InvocationRecorder
from shared.llm.port import ModelFailedError, ModelPort, ModelRequest, PromptMessage, Sampling, ToolSpec

_log: Final = structlog.get_logger()

TitleTask = Literal["generate", "announce"] | None
"""Generate the conversation's title beside the answer, or announce the one of another run. None: neither."""


@dataclass(frozen=True)
class TurnExecution:
    """Everything that this process needs to run a turn whose lease it holds.

    `frames`: those that this process has already put into the log, at least one; the last is the log's newest.
    `before`: content of finished tool rounds. `prefill`: text of the answer that the model continues.
    `earlier_invocations`: settled ones for the same answer.
    """

    turn: Turn
    model: Model
    prompt: Sequence[PromptMessage]
    invocation: Invocation
    question: str
    frames: Sequence[Frame]
    tools: Sequence[ToolSpec] = ()
    rounds: int = 0
    before: Sequence[ContentBlock] = ()
    prefill: str = ""
    earlier_invocations: Sequence[Invocation] = ()
    title: TitleTask = None

    @property
    def seq(self) -> int:
        """The last position in the log."""
        return self.frames[-1].seq


@dataclass(frozen=True)
class ToolsWanted:
    """The model stopped to have its tools called."""


@dataclass(frozen=True)
class HandedOver:
    """The process shuts down, so another one must continue the turn."""


TOOLS_WANTED: Final = ToolsWanted()
HANDED_OVER: Final = HandedOver()
End = TurnOutcome | ToolsWanted | HandedOver


class Generation:
    def __init__(self, models: ModelPort, metering: InvocationRecorder, settings: ChatSettings, clock: Clock) -> None:
        self._models = models
        self._metering = metering
        self._settings = settings
        self._clock = clock

    async def run(
        self,
        execution: TurnExecution,
        answer: AnswerBuilder,
        writer: FrameWriter,
        writing: "asyncio.Task[None]",
        lease: HeldLease,
    ) -> End | None:
        """Run the call until it ends, `writing` fails, the lease is stopped or the deadline passes.

        Returns None when this process has lost the turn. Raises the error that ended `writing`.
        """
        calling = asyncio.create_task(self._call_model(execution, answer, writer))
        left_s = (execution.turn.deadline - epoch_millis(self._clock.now())) / 1000
        if left_s <= 0:  # it waited in the queue past its deadline: the model must not be called any more
            calling.cancel()
        ends: set[asyncio.Future[Any]] = {calling, writing, lease.stopped}
        try:
            done, _ = await asyncio.wait(ends, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            calling.cancel()
        await asyncio.wait({calling})
        usage = await self._settle(execution, answer)
        if writing in done:
            writing.result()  # raises the error that ended it
            return None
        stopped = lease.stopped.result() if lease.stopped.done() else None
        if stopped == "lost":
            return None
        if stopped == "handed over" and calling.cancelled():
            return HANDED_OVER
        if stopped == "cancelled":
            return TurnOutcome("cancelled", answer.content(), usage)
        if calling.cancelled():
            return _failed(execution.turn, answer, usage, "turn-timed-out")
        return self._end_of_call(execution, answer, calling.exception(), usage)

    async def _call_model(self, execution: TurnExecution, answer: AnswerBuilder, writer: FrameWriter) -> None:
        request = ModelRequest(
            execution.invocation.id,
            execution.model,
            execution.prompt,
            max_output_tokens=self._settings.max_output_tokens,
            reasoning=execution.turn.reasoning,
            tools=execution.tools,
            sampling=_sampling(self._settings),
        )
        async with aclosing(self._models.converse(request)) as events:
            async for event in events:
                answer.add(event, writer)

    def _end_of_call(
        self, execution: TurnExecution, answer: AnswerBuilder, error: BaseException | None, usage: TurnUsage | None
    ) -> End:
        turn = execution.turn
        match error:
            case None if not answer.wants_tools:
                return TurnOutcome("completed", answer.content(), usage, answer.stop_reason)
            case None if execution.rounds < self._settings.tool_rounds_limit:
                return TOOLS_WANTED
            case None:
                return _failed(turn, answer, usage, "tool-rounds-exceeded")
            case ModelFailedError() as failure:
                _log.warning("model.failed", turn_id=turn.id, model=turn.model, problem=failure.slug)
                return TurnOutcome(
                    "failed", answer.content(), usage, problem=turn_problem(failure.slug, turn.id, failure.detail)
                )
            case error:
                _log.error("turn.failed", turn_id=turn.id, exc_info=error)
                return _failed(turn, answer, usage, "internal-error")

    async def _settle(self, execution: TurnExecution, answer: AnswerBuilder) -> TurnUsage | None:
        """Settle the call's invocation; returns the usage of the whole answer."""
        if answer.usage:
            settled = await self._metering.settle(execution.invocation, answer.usage, "reported")
        else:
            settled = await self._metering.settle_by_estimate(
                execution.invocation, answer.raw_text(), began=answer.has_begun
            )
        return total([*execution.earlier_invocations, settled])


def _sampling(settings: ChatSettings) -> Sampling:
    return Sampling(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        stop_sequences=settings.stop_sequences,
        reasoning_budget_tokens=settings.reasoning_budget_tokens,
    )


def _failed(turn: Turn, answer: AnswerBuilder, usage: TurnUsage | None, slug: str, detail: str = "") -> TurnOutcome:
    return TurnOutcome("failed", answer.content(), usage, problem=turn_problem(slug, turn.id, detail))
