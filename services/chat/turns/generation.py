"""Generation: one call of the model for a turn, and how it ended."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from services.chat.context.builder import Context
from services.chat.domain import Turn
from services.chat.settings import ChatSettings
from services.chat.stream.writer import FrameWriter
from services.chat.turns.answer_builder import CUT, DECLINED, AnswerBuilder
from services.chat.turns.finish import TurnOutcome
from shared.catalogue import Model
from shared.llm.invocation import Invocation
from shared.llm.port import ModelFailedError, ModelPort, ModelRequest, Sampling

_log: Final = structlog.get_logger()


@dataclass(frozen=True)
class ToolsWanted:
    """The model stopped to have its tools called."""


class Generation:
    def __init__(self, models: ModelPort, settings: ChatSettings) -> None:
        self._models = models
        self._settings = settings

    async def run(  # noqa: PLR0917 - what a call needs
        self, turn: Turn, model: Model, context: Context, invocation: Invocation, answer: AnswerBuilder,
        writer: FrameWriter,
    ) -> TurnOutcome | ToolsWanted:  # fmt: skip
        """Ask the model under this invocation, which is open, and pass its answer to the builder and the writer.

        A model that fails fails the turn.
        """
        is_plain = context.record.is_plain
        request = ModelRequest(
            invocation.id,
            model,
            context.prompt,
            max_output_tokens=self._settings.max_output_tokens,
            reasoning=turn.reasoning and not is_plain,
            effort=None if is_plain else turn.effort,
            tools=context.record.offered_tools,
            cached=len(context.prompt) > 1 or bool(context.record.offered_tools) or context.is_long,
            sampling=_sampling(self._settings),
        )
        try:
            async with aclosing(self._models.converse(request)) as events:
                async for event in events:
                    answer.add(event, writer)
        except ModelFailedError as failure:
            _log.warning("model.failed", turn_id=turn.id, model=turn.model, problem=failure.slug)
            return TurnOutcome.failed(turn, failure.slug, failure.detail)
        if not answer.wants_tools:
            if answer.says_nothing and answer.stop_reason not in DECLINED | CUT:
                return TurnOutcome.failed(turn, "empty-answer")
            return TurnOutcome("completed", stop_reason=answer.stop_reason)
        if answer.round_number > self._settings.tool_rounds_limit:
            return TurnOutcome.failed(turn, "tool-rounds-exceeded")
        return ToolsWanted()


def _sampling(settings: ChatSettings) -> Sampling:
    return Sampling(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        stop_sequences=settings.stop_sequences,
        reasoning_budget_tokens=settings.reasoning_budget_tokens,
    )
