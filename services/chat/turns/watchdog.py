"""Turn watchdog: checks turns, so that each one ends. It enqueues them and runs none, so a check takes little time."""

from dataclasses import dataclass

from services.chat.adapters.turn_queue import COMMIT_GRACE_S, CheckTurn, RunTurn, TurnQueue
from services.chat.domain import Turn
from services.chat.domain.next_step import (
    CHECK_AGAIN_S,
    Drop,
    Finish,
    Run,
    StepLimits,
    TakeOver,
    Wait,
    WaitForTools,
    next_step,
)
from services.chat.settings import ChatSettings
from services.chat.tables import Store
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Postpone
from shared.llm.metering import InvocationRecorder
from shared.telemetry.spans import trace_context


@dataclass(frozen=True, slots=True)
class DueTurn:
    """A turn that must be run, taken over or ended now."""

    turn: Turn
    step: Run | TakeOver | Finish


class Watchdog:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        turn_queue: TurnQueue,
        tool_calls: ToolCallDispatcher,
        metering: InvocationRecorder,
        settings: ChatSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._turn_queue = turn_queue
        self._tool_calls = tool_calls
        self._metering = metering
        self._settings = settings
        self._limits = StepLimits(takeovers=settings.takeovers_limit, commit_grace_ms=COMMIT_GRACE_S * 1000)
        self._clock = clock

    async def check(self, command: CheckTurn) -> None:
        """Put the turn on the queue if it has no runner. Raises Postpone when it is too early to decide."""
        if await self.find_due(command):
            await self._turn_queue.enqueue(command.turn_id)

    async def find_due(self, command: RunTurn | CheckTurn) -> DueTurn | None:
        """Return the turn if it must be run, taken over or ended now; None when nothing is left to do.

        Carries out all other steps: sends unanswered tool calls again, and settles the title's invocation of an ended
        turn. Raises Postpone when it is too early to decide.
        """
        turn = await self._store.turns.get(command.turn_id)
        with trace_context(turn.traceparent if turn else None):
            rounds = await self._store.rounds.of_turn(turn.id) if turn and turn.state == "awaiting_tools" else []
            now = epoch_millis(self._clock.now())
            match next_step(turn, rounds, command.since, now, self._limits):
                case Run() as step if turn is not None:
                    await self._tool_calls.fail_overdue(turn, rounds)
                    return DueTurn(turn, step)
                case TakeOver() | Finish() as step if turn is not None:
                    return DueTurn(turn, step)
                case WaitForTools(seconds) if turn is not None:
                    await self._tool_calls.fail_overdue(turn, rounds)
                    await self._tool_calls.resend_pending(turn, rounds)
                    raise Postpone(seconds)
                case Wait(seconds):
                    raise Postpone(seconds)
                case Drop() if turn is not None:
                    await self._settle_title(turn, now)
        return None

    async def _settle_title(self, turn: Turn, now: int) -> None:
        """Estimate the title's invocation if it is still open: its process may have died after the turn ended."""
        longest_call_ms = (self._settings.first_token_s + self._settings.silence_s) * 1000
        for invocation in await self._store.invocations.of_turn(turn.id) if turn.makes_title else ():
            if invocation.state == "opened":
                if now - epoch_millis(invocation.started_at) < longest_call_ms:
                    raise Postpone(CHECK_AGAIN_S)
                await self._metering.settle_by_estimate(invocation, "", began=True)
