"""The watchdog of turns: it sees to it that each one ends, but runs none, so that a check is soon done."""

from typing import Final

from services.chat.adapters.turn_queue import COMMIT_GRACE_S, CheckTurn, RunTurn, TurnQueue
from services.chat.domain import Turn
from services.chat.llm.metering import InvocationRecorder
from services.chat.settings import ChatSettings
from services.chat.tables import Store
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Postpone
from shared.telemetry.spans import trace_context

AGAIN_S: Final = 2
"""When to look again at what is about to change."""
_TOOLS_AGAIN_S: Final = 10  # a call that was lost on its way is sent again
_MARGIN_MS: Final = 300  # after a lease's end, so that one look is enough


class Watchdog:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        summons: TurnQueue,
        calling: ToolCallDispatcher,
        paying: InvocationRecorder,
        settings: ChatSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._summons = summons
        self._calling = calling
        self._paying = paying
        self._settings = settings
        self._clock = clock

    async def check(self, command: CheckTurn) -> None:
        """Have the turn run if nobody runs it. Raises Postpone when it is too early to say."""
        if await self.due(command):
            await self._summons.run(command.turn_id)

    async def due(self, command: RunTurn | CheckTurn) -> Turn | None:
        """The turn when it must be run, taken over or ended now; None when there is nothing left to do.

        Tool calls that are not answered are sent again, and the title of an ended turn is paid for. Raises Postpone
        when it is too early to say.
        """
        turn = await self._store.turns.get(command.turn_id)
        now = epoch_millis(self._clock.now())
        if turn is None:
            if now - command.since < COMMIT_GRACE_S * 1000:
                raise Postpone(AGAIN_S)
            return None
        with trace_context(turn.traceparent):
            if turn.ended:
                await self._see_title_paid(turn, now)
                return None
            await self._wait_if_early(turn, now)
        return turn

    async def _wait_if_early(self, turn: Turn, now: int) -> None:
        if turn.state == "awaiting_tools":  # calls may be lost, and so may answers or whoever was to go on with them
            if not turn.cancel_requested and await self._calling.see_to(turn):
                raise Postpone(_TOOLS_AGAIN_S)
        elif turn.lease_until > now:
            raise Postpone((turn.lease_until - now + _MARGIN_MS) / 1000)

    async def _see_title_paid(self, turn: Turn, now: int) -> None:
        """A title may be made longer than its turn lasts; whoever makes it may die then, too."""
        patience_ms = (self._settings.first_token_s + self._settings.silence_s) * 1000
        for invocation in await self._store.invocations.of_turn(turn.id) if turn.makes_title else ():
            if invocation.state == "opened":
                if now - epoch_millis(invocation.started_at) < patience_ms:
                    raise Postpone(AGAIN_S)
                await self._paying.settle_by_estimate(invocation, "", began=True)
