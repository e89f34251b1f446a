"""Handles tool calls of models: each is executed once and answered at least once, also when processes die.

The order guarantees it: claim, execute, store the answer, send it; only then is the message deleted. A process that
receives the message again continues from what is stored: it sends a stored answer again, and takes over a claim whose
lease has run out.
"""

from collections.abc import Mapping
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

_log: Final = structlog.get_logger()

LEASE_MARGIN_S: Final = 3.0
"""Added to the tool's own time, for writes to the table and for clocks that differ."""
UNKNOWN: Final = "unknown"
_BROKEN: Final = "The tool is broken. Trying again will not help."
_LOST: Final = "The answer to this call is no longer kept."


class ResultSender(Protocol):
    async def send(self, answer: AnswerToolCall, /) -> None: ...


class ToolCallHandler:
    def __init__(
        self,
        tools: Mapping[str, Tool[Any]],
        table: CallsTable,
        results: ResultSender,
        events: AgentEvents,
        clock: Clock,
    ) -> None:
        self._tools = tools
        self._table = table
        self._results = results
        self._events = events
        self._clock = clock

    async def handle(self, command: CallTool) -> None:
        """Execute the call and send its answer; no answer is sent when the turn was cancelled.

        Raises Postpone while another process executes the call.
        """
        call = self._new_call(command)
        try:
            earlier = await self._table.claim(call)
            if earlier and not earlier.ended and self._left_s(earlier) <= 0:
                call = call.model_copy(update={"attempt": earlier.attempt + 1})
                earlier = await self._table.claim(call, previous=earlier)
        except TurnCancelledError:
            _log.info("tool.skipped", reason="turn cancelled")
            return
        if earlier is None:
            answer = await self._execute(call, command)
        elif earlier.ended:
            answer = await self._table.answer(call.id) or _expired_answer(command)
        else:
            raise Postpone(max(0.0, self._left_s(earlier)))
        await self._results.send(answer)

    def known_name(self, command: CallTool) -> str:
        """The tool's name for records, events and traces; `unknown` for other names, which may hold a model's text."""
        return command.name if command.name in self._tools else UNKNOWN

    def _new_call(self, command: CallTool) -> ToolCall:
        tool = self._tools.get(command.name)
        now = self._clock.now()
        lease_s = (tool.timeout_s if tool else 0) + LEASE_MARGIN_S
        return ToolCall(
            id=command.call_id,
            tool=self.known_name(command),
            principal_kind=command.principal_kind,
            principal_id=command.principal_id,
            started_at=now,
            turn_id=command.turn_id,
            lease_until=epoch_millis(now) + round(lease_s * 1000),
        )

    def _left_s(self, call: ToolCall) -> float:
        return ((call.lease_until or 0) - epoch_millis(self._clock.now())) / 1000

    async def _execute(self, call: ToolCall, command: CallTool) -> AnswerToolCall:
        monotonic_start = self._clock.monotonic()
        output, failure = await self._outcome(call, command)
        ended = call.model_copy(
            update={
                "state": "failed" if failure else "succeeded",
                "ended_at": self._clock.now(),
                "took_ms": round((self._clock.monotonic() - monotonic_start) * 1000),
            }
        )
        answer = _answer(ended, command, output)
        event = self._events.ended(ended, failure)
        try:
            await self._table.end(ended, answer, event)
        except CallTakenOverError:
            raise Postpone(LEASE_MARGIN_S) from None
        _log.info("tool.called", tool=call.tool, state=ended.state, reason=failure, took_ms=ended.took_ms)
        return answer

    async def _outcome(self, call: ToolCall, command: CallTool) -> tuple[JsonValue, Failure | None]:
        """The output for the model, and the kind of failure if any. It never raises: the turn waits for an answer."""
        try:
            return await run_call(self._tools, command, self._clock, may_have_run=call.attempt > 1), None
        except ToolRunError as failure:
            return {"error": str(failure)}, failure.reason
        except Exception:  # noqa: BLE001 - a tool may raise anything; the turn continues without its output
            _log.exception("tool.crashed", tool=call.tool)
            return {"error": _BROKEN}, "broken"


def _answer(call: ToolCall, command: CallTool, output: JsonValue) -> AnswerToolCall:
    return AnswerToolCall(
        turn_id=command.turn_id,
        call_id=call.id,
        status="success" if call.state == "succeeded" else "error",
        output=output,
        took_ms=call.took_ms or 0,
        traceparent=command.traceparent,
    )


def _expired_answer(command: CallTool) -> AnswerToolCall:
    return AnswerToolCall(
        turn_id=command.turn_id, call_id=command.call_id, status="error", output={"error": _LOST}, took_ms=0
    )
