"""Turn supervisor: for each message about a turn it runs the turn, leaves it to its runner, or ends it."""

from typing import Final

import structlog

from services.chat.adapters.tool_catalog import ToolCatalog, ToolsUnavailableError, UnknownToolError
from services.chat.adapters.turn_queue import RunTurn, TurnQueue
from services.chat.domain import Turn, total
from services.chat.domain.next_step import CHECK_AGAIN_S, Finish, Run, TakeOver
from services.chat.tables import FencedError, Store
from services.chat.turns.claim import ClaimedTurn, TurnClaims
from services.chat.turns.finish import FinishTurn, TurnOutcome, turn_problem
from services.chat.turns.runner import ResumeTurn, TurnRunner
from services.chat.turns.tool_rounds import ToolCallDispatcher
from services.chat.turns.watchdog import DueTurn, Watchdog
from shared.catalogue import Catalogue, UnknownModelError
from shared.events.commands import AnswerToolCall
from shared.events.consumer.messages import Postpone
from shared.telemetry.spans import trace_context

_log: Final = structlog.get_logger()


class TurnSupervisor:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        turn_queue: TurnQueue,
        runner: TurnRunner,
        claims: TurnClaims,
        resume_turn: ResumeTurn,
        tool_calls: ToolCallDispatcher,
        watchdog: Watchdog,
        finish_turn: FinishTurn,
        tool_catalog: ToolCatalog,
        catalogue: Catalogue,
    ) -> None:
        self._store = store
        self._turn_queue = turn_queue
        self._runner = runner
        self._claims = claims
        self._resume_turn = resume_turn
        self._tool_calls = tool_calls
        self._watchdog = watchdog
        self._finish_turn = finish_turn
        self._tool_catalog = tool_catalog
        self._catalogue = catalogue

    async def handle(self, command: RunTurn) -> None:
        """Run the turn, or end it, if it has no runner. Raises Postpone when it is too early to decide."""
        if due := await self._watchdog.find_due(command):
            with trace_context(due.turn.traceparent):
                await self._carry_out(due)

    async def record_tool_result(self, command: AnswerToolCall) -> None:
        """Record the result of a tool call; after the last one, continue the turn here. Raises Postpone as `handle`."""
        if await self._tool_calls.record_result(command):
            await self.handle(RunTurn(turn_id=command.turn_id, since=0))

    async def abandon(self, turn: Turn) -> Turn | None:
        """End a turn that has no runner, with its content so far; None when another process was first."""
        claimed = await self._claims.claim(turn)
        return await self._end(claimed, "turn-abandoned") if claimed else None

    async def _carry_out(self, due: DueTurn) -> None:
        match due.step:
            case Run() | TakeOver():
                await self._run(due.turn)
            case Finish():
                if await self.abandon(due.turn) is None:  # the process that was first may die before it ends the turn
                    raise Postpone(CHECK_AGAIN_S)

    async def _run(self, turn: Turn) -> None:
        """Start to run the turn here. Its message is not kept meanwhile; a scheduled check replaces it."""
        try:
            tools = await self._tool_catalog.specs(turn.tools) if turn.tools else []
        except ToolsUnavailableError:
            raise Postpone(CHECK_AGAIN_S) from None
        except UnknownToolError:
            tools = []
        await self._turn_queue.schedule_check(turn.id)
        claimed = await self._claims.claim(turn)
        if claimed is None:
            raise Postpone(CHECK_AGAIN_S)
        if claimed.is_erased or claimed.turn.cancel_requested:
            await self._end(claimed, "turn-abandoned")
            return
        try:
            model = self._catalogue.get(turn.model)
            execution = await self._resume_turn.prepare(claimed, model, tools)
        except UnknownModelError:
            await self._end(claimed, "model-not-found")
        except FencedError:
            raise Postpone(CHECK_AGAIN_S) from None
        else:
            if claimed.was_interrupted:
                attempt, takes = execution.turn.attempt, turn.takeovers + 1
                _log.warning("turn.taken_over", turn_id=turn.id, attempt=attempt, takes=takes)
            self._runner.start(execution)

    async def _end(self, claimed: ClaimedTurn, slug: str) -> Turn | None:
        """End a claimed turn as cancelled, or as failed with the problem `slug`; None when it was claimed again."""
        turn, content, usage = claimed.turn, claimed.progress.content, total(claimed.invocations)
        if turn.cancel_requested or claimed.is_erased:
            outcome = TurnOutcome("cancelled", content, usage)
        else:
            outcome = TurnOutcome("failed", content, usage, problem=turn_problem(slug, turn.id))
        try:
            await self._finish_turn.finish(turn, outcome, claimed.progress.seq)
        except FencedError:
            return None
        _log.warning("turn.abandoned", turn_id=turn.id, attempt=turn.attempt, state=outcome.state)
        return await self._store.turns.get(turn.id)
