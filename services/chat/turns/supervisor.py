"""Who is summoned to a turn: runs it when nobody does, lets it be while somebody does, ends it when it cannot go on."""

import structlog

from services.chat.adapters.tool_catalog import ToolCatalog, ToolsUnavailableError, UnknownToolError
from services.chat.adapters.turn_queue import RunTurn, TurnQueue
from services.chat.domain import Turn, total
from services.chat.llm.port import turn_problem
from services.chat.settings import ChatSettings
from services.chat.tables import FencedError, Store
from services.chat.turns.claim import ClaimedTurn, TurnClaims
from services.chat.turns.finish import FinishTurn, TurnOutcome
from services.chat.turns.resume import ResumeTurn
from services.chat.turns.runner import TurnRunner
from services.chat.turns.tool_rounds import ToolCallDispatcher
from services.chat.turns.watchdog import AGAIN_S, Watchdog
from shared.catalogue import Catalogue, UnknownModelError
from shared.events.commands import AnswerToolCall
from shared.events.consumer.messages import Postpone
from shared.telemetry.spans import trace_context

_log = structlog.get_logger()


class TurnSupervisor:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        summons: TurnQueue,
        running: TurnRunner,
        taking: TurnClaims,
        resuming: ResumeTurn,
        calling: ToolCallDispatcher,
        watchdog: Watchdog,
        ending: FinishTurn,
        toolbox: ToolCatalog,
        catalogue: Catalogue,
        settings: ChatSettings,
    ) -> None:
        self._store = store
        self._summons = summons
        self._running = running
        self._taking = taking
        self._resuming = resuming
        self._calling = calling
        self._watchdog = watchdog
        self._ending = ending
        self._toolbox = toolbox
        self._catalogue = catalogue
        self._settings = settings

    async def look(self, command: RunTurn) -> None:
        """Run the turn, or end it, if nobody does. Raises Postpone when it is too early to say."""
        if turn := await self._watchdog.due(command):
            with trace_context(turn.traceparent):
                await self._go_on(turn)

    async def answered(self, told: AnswerToolCall) -> None:
        """What came of a tool call; with the last one its turn goes on, here. Raises Postpone as `look` does."""
        if await self._calling.answered(told):
            await self.look(RunTurn(turn_id=told.turn_id, since=0))

    async def abandon(self, turn: Turn) -> Turn | None:
        """End a turn that nobody runs any more, with what it had said; None when somebody else was faster."""
        taken = await self._taking.take(turn)
        return await self._end(taken, "turn-abandoned") if taken else None

    async def _go_on(self, turn: Turn) -> None:
        """Nobody runs it: run it to its end, or end it when it was stopped or has lost too many runners."""
        lost_too_many = turn.lease_until and turn.takeovers >= self._settings.takeovers_limit
        if turn.cancel_requested or lost_too_many:
            if await self.abandon(turn) is None:  # whoever was faster may not get to the end of it
                raise Postpone(AGAIN_S)
            return
        await self._run(turn)

    async def _run(self, turn: Turn) -> None:
        """Have it run here, and watched from elsewhere: the summons itself is not kept for as long as it runs."""
        try:
            tools = await self._toolbox.specs(turn.tools) if turn.tools else []
        except ToolsUnavailableError:
            raise Postpone(AGAIN_S) from None
        except UnknownToolError:
            tools = []
        await self._summons.watch(turn.id)
        taken = await self._taking.take(turn)
        if taken is None:
            raise Postpone(AGAIN_S)
        if taken.is_erased or taken.turn.cancel_requested:
            await self._end(taken, "turn-abandoned")
            return
        try:
            model = self._catalogue.get(turn.model)
            work = await self._resuming.ready(taken, model, tools)
        except UnknownModelError:
            await self._end(taken, "model-not-found")
        except FencedError:
            raise Postpone(AGAIN_S) from None
        else:
            if taken.broke_off:
                _log.warning("turn.taken_over", turn_id=turn.id, attempt=work.turn.attempt, takes=turn.takeovers + 1)
            self._running.start(work)

    async def _end(self, taken: ClaimedTurn, slug: str) -> Turn | None:
        turn, content, usage = taken.turn, taken.progress.content, total(taken.spent)
        if turn.cancel_requested or taken.is_erased:
            outcome = TurnOutcome("cancelled", content, usage)
        else:
            outcome = TurnOutcome("failed", content, usage, problem=turn_problem(slug, turn.id))
        try:
            await self._ending.end(turn, outcome, taken.progress.seq)
        except FencedError:
            return None
        _log.warning("turn.abandoned", turn_id=turn.id, attempt=turn.attempt, state=outcome.state)
        return await self._store.turns.get(turn.id)
