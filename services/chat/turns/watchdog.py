"""Turn watchdog: checks turns, so that each one ends. It enqueues them and runs none, so a check takes little time."""

from typing import Final

from services.chat.adapters.turn_queue import COMMIT_GRACE_S, CheckTurn, RunTurn, TurnQueue
from services.chat.domain import Turn
from services.chat.settings import ChatSettings
from services.chat.tables import Store
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Postpone
from shared.llm.metering import InvocationRecorder
from shared.telemetry.spans import trace_context

CHECK_AGAIN_S: Final = 2
"""The delay of a message about a turn that is about to change."""
_RESEND_TOOL_CALLS_S: Final = 10
_LEASE_MARGIN_MS: Final = 300  # after the end of a lease, so that one check is enough


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
        self._clock = clock

    async def check(self, command: CheckTurn) -> None:
        """Put the turn on the queue if it has no runner. Raises Postpone when it is too early to decide."""
        if await self.find_due(command):
            await self._turn_queue.enqueue(command.turn_id)

    async def find_due(self, command: RunTurn | CheckTurn) -> Turn | None:
        """Return the turn if it must be run, taken over or ended now; None when nothing is left to do.

        Sends unanswered tool calls again, and settles the title's invocation of an ended turn. Raises Postpone when it
        is too early to decide.
        """
        turn = await self._store.turns.get(command.turn_id)
        now = epoch_millis(self._clock.now())
        if turn is None:
            if now - command.since < COMMIT_GRACE_S * 1000:
                raise Postpone(CHECK_AGAIN_S)
            return None
        with trace_context(turn.traceparent):
            if turn.ended:
                await self._settle_title(turn, now)
                return None
            await self._postpone_if_early(turn, now)
        return turn

    async def _postpone_if_early(self, turn: Turn, now: int) -> None:
        if turn.state == "awaiting_tools":  # a call, its result, or the process that continues the turn may be lost
            if not turn.cancel_requested and await self._tool_calls.resend_pending(turn):
                raise Postpone(_RESEND_TOOL_CALLS_S)
        elif turn.is_held(now):
            raise Postpone((turn.lease_until - now + _LEASE_MARGIN_MS) / 1000)

    async def _settle_title(self, turn: Turn, now: int) -> None:
        """Estimate the title's invocation if it is still open: its process may have died after the turn ended."""
        longest_call_ms = (self._settings.first_token_s + self._settings.silence_s) * 1000
        for invocation in await self._store.invocations.of_turn(turn.id) if turn.makes_title else ():
            if invocation.state == "opened":
                if now - epoch_millis(invocation.started_at) < longest_call_ms:
                    raise Postpone(CHECK_AGAIN_S)
                await self._metering.settle_by_estimate(invocation, "", began=True)
