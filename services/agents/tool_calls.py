"""Calls that models ask for: each is executed once and answered at least once, whoever dies in between.

The order is the promise: claim, execute, store the answer, send it; only then is the message gone. Whoever gets the
message again finds how far it came: an answer is sent again, a claim that has run out is taken over.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog
from pydantic import JsonValue

from services.agents.domain import ToolCall
from services.agents.events import AgentEvents
from services.agents.execution import ToolRunError, run_call
from services.agents.tables import CallsTable, CallTakenOverError, TurnCancelledError
from services.agents.tools import Tool
from shared.clock import Clock, epoch_millis
from shared.events.catalogue.agents import Failure
from shared.events.commands import AnswerToolCall, CallTool
from shared.events.consumer.messages import Postpone
from shared.events.envelope import Envelope

_log: Final = structlog.get_logger()

LEASE_MARGIN_S: Final = 3.0
"""Beyond the tool's own time: for the table, and for clocks that differ."""
UNKNOWN: Final = "unknown"
_BROKEN: Final = "The tool is broken. Trying again will not help."
_LOST: Final = "The answer to this call is no longer kept."

Ring = Callable[[Sequence[Envelope]], None]
"""Tells the relay what was just committed."""


class ResultSender(Protocol):
    async def send(self, answer: AnswerToolCall, /) -> None: ...


class ToolCallHandler:
    def __init__(  # noqa: PLR0917 - wired once, in bootstrap
        self,
        tools: Mapping[str, Tool[Any]],
        table: CallsTable,
        way_back: ResultSender,
        teller: AgentEvents,
        ring: Ring,
        clock: Clock,
    ) -> None:
        self._tools = tools
        self._table = table
        self._way_back = way_back
        self._teller = teller
        self._ring = ring
        self._clock = clock

    async def handle_call(self, asked: CallTool) -> None:
        """Returns when the answer was sent, or nobody wants it. Raises Postpone while somebody else executes it."""
        call = self._begun(asked)
        try:
            open_runtime = await self._table.claim(call)
            if open_runtime and not open_runtime.ended and self._left_s(open_runtime) <= 0:
                call = call.model_copy(update={"attempt": open_runtime.attempt + 1})
                open_runtime = await self._table.claim(call, instead_of=open_runtime)
        except TurnCancelledError:
            _log.info("tool not called", reason="turn cancelled")
            return
        if open_runtime is None:
            answer = await self._execute(call, asked)
        elif open_runtime.ended:
            answer = await self._table.answer(call.id) or _lost(asked)
        else:
            raise Postpone(max(0.0, self._left_s(open_runtime)))
        await self._way_back.send(answer)

    def named(self, asked: CallTool) -> str:
        """The tool's name for records, events and traces: of one that there is not it would be a model's words."""
        return asked.name if asked.name in self._tools else UNKNOWN

    def _begun(self, asked: CallTool) -> ToolCall:
        tool = self._tools.get(asked.name)
        now = self._clock.now()
        lease_s = (tool.timeout_s if tool else 0) + LEASE_MARGIN_S
        return ToolCall(
            id=asked.call_id,
            tool=self.named(asked),
            principal_kind=asked.principal_kind,
            principal_id=asked.principal_id,
            started_at=now,
            turn_id=asked.turn_id,
            lease_until=epoch_millis(now) + round(lease_s * 1000),
        )

    def _left_s(self, call: ToolCall) -> float:
        return ((call.lease_until or 0) - epoch_millis(self._clock.now())) / 1000

    async def _execute(self, call: ToolCall, asked: CallTool) -> AnswerToolCall:
        began = self._clock.monotonic()
        output, failure = await self._outcome(call, asked)
        ended = call.model_copy(
            update={
                "state": "failed" if failure else "succeeded",
                "ended_at": self._clock.now(),
                "took_ms": round((self._clock.monotonic() - began) * 1000),
            }
        )
        answer = _answer(ended, asked, output)
        told = self._teller.ended(ended, failure)
        try:
            await self._table.end(ended, answer, told)
        except CallTakenOverError:
            raise Postpone(LEASE_MARGIN_S) from None
        self._ring([told])
        _log.info("tool called", tool=call.tool, state=ended.state, reason=failure, took_ms=ended.took_ms)
        return answer

    async def _outcome(self, call: ToolCall, asked: CallTool) -> tuple[JsonValue, Failure | None]:
        """What the model is told, and what kind of failure that is: whatever happens, it gets an answer."""
        try:
            return await run_call(self._tools, asked, self._clock, again=call.attempt > 1), None
        except ToolRunError as failure:
            return {"error": str(failure)}, failure.reason
        except Exception:  # noqa: BLE001 - whatever a tool raises is the tool's fault; the turn goes on without it
            _log.exception("tool broke", tool=call.tool)
            return {"error": _BROKEN}, "broken"


def _answer(call: ToolCall, asked: CallTool, output: JsonValue) -> AnswerToolCall:
    return AnswerToolCall(
        turn_id=asked.turn_id,
        call_id=call.id,
        status="success" if call.state == "succeeded" else "error",
        output=output,
        took_ms=call.took_ms or 0,
        traceparent=asked.traceparent,
    )


def _lost(asked: CallTool) -> AnswerToolCall:
    return AnswerToolCall(
        turn_id=asked.turn_id, call_id=asked.call_id, status="error", output={"error": _LOST}, took_ms=0
    )
