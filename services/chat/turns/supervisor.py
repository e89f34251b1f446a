"""Turn supervisor: for each message about a turn it runs the turn, leaves it to its runner, or ends it."""

from typing import Final

import structlog

from services.chat.adapters.turn_queue import RunTurn, TurnQueue
from services.chat.domain import Turn
from services.chat.domain.next_step import CHECK_AGAIN_S, Finish, Run, TakeOver
from services.chat.leases.claim import TurnClaims
from services.chat.tables import FencedError, Store
from services.chat.turns.finish import FinishTurn, TurnOutcome
from services.chat.turns.runner import TurnRun, TurnRunner
from services.chat.turns.tool_rounds import ToolCallDispatcher
from services.chat.turns.watchdog import DueTurn, Watchdog
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
        tool_calls: ToolCallDispatcher,
        watchdog: Watchdog,
        finish_turn: FinishTurn,
    ) -> None:
        self._store = store
        self._turn_queue = turn_queue
        self._runner = runner
        self._claims = claims
        self._tool_calls = tool_calls
        self._watchdog = watchdog
        self._finish_turn = finish_turn

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
        held = await self._claims.claim(turn)
        if held is None:
            return None
        cancelled = held.turn.cancel_requested or held.is_erased
        outcome = TurnOutcome("cancelled") if cancelled else TurnOutcome.failed(turn, "turn-abandoned")
        try:
            await self._finish_turn.finish_held(held, outcome)
        except FencedError:
            return None
        _log.warning("turn.abandoned", turn_id=turn.id, attempt=held.turn.attempt, state=outcome.state)
        return await self._store.turns.get(turn.id)

    async def _carry_out(self, due: DueTurn) -> None:
        match due.step:
            case Run() | TakeOver():
                await self._run(due.turn)
            case Finish():
                if await self.abandon(due.turn) is None:  # the process that was first may die before it ends the turn
                    raise Postpone(CHECK_AGAIN_S)

    async def _run(self, turn: Turn) -> None:
        """Start to run the turn here. Its message is not kept meanwhile; a scheduled check replaces it."""
        await self._turn_queue.schedule_check(turn.id)
        held = await self._claims.claim(turn)
        if held is None:
            raise Postpone(CHECK_AGAIN_S)
        self._runner.start(TurnRun(held))
