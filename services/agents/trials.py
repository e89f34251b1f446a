"""Executes tools for people who try them, and records each execution. Calls of models: `tool_calls`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.agents.domain import State, ToolCall, TrialOutcome
from services.agents.execution import ToolRunError, run_tool
from services.agents.tables import CallsTable
from services.agents.tools import Tool
from shared.clock import Clock
from shared.identity import Principal
from shared.ids import Ids
from shared.problems import problem


class ToolTrials:
    def __init__(self, tools: Mapping[str, Tool[Any]], table: CallsTable, clock: Clock, ids: Ids) -> None:
        self.tools = tools
        self._table = table
        self._clock = clock
        self._ids = ids

    def tool(self, name: str) -> Tool[Any]:
        """The tool of this name. Raises `not-found`."""
        if name not in self.tools:
            raise problem("not-found")
        return self.tools[name]

    async def execute(self, principal: Principal, tool: Tool[Any], tool_input: BaseModel) -> TrialOutcome:
        """Run the tool. A tool that refuses is an outcome with an error; a broken tool raises."""
        call = ToolCall(
            id=self._ids.new("call"),
            tool=tool.name,
            principal_kind=principal.kind,
            principal_id=principal.subject,
            started_at=self._clock.now(),
        )
        monotonic_start = self._clock.monotonic()
        await self._table.put(call)
        try:
            output = await run_tool(tool, tool_input, tool.timeout_s)
        except ToolRunError as failure:
            return TrialOutcome(await self._end(call, "failed", monotonic_start), error=str(failure))
        except BaseException:
            await self._end(call, "failed", monotonic_start)
            raise
        return TrialOutcome(await self._end(call, "succeeded", monotonic_start), output=output)

    async def call(self, principal: Principal, call_id: str) -> ToolCall:
        """The record of the caller's own call. Raises `not-found`."""
        call = await self._table.get(call_id)
        if call is None or (call.principal_kind, call.principal_id) != (principal.kind, principal.subject):
            raise problem("not-found")
        return call

    async def _end(self, call: ToolCall, state: State, monotonic_start: float) -> ToolCall:
        took_ms = round((self._clock.monotonic() - monotonic_start) * 1000)
        ended = call.model_copy(update={"state": state, "ended_at": self._clock.now(), "took_ms": took_ms})
        await self._table.put(ended)
        return ended
