"""Executes tools for people who try them, and records that it did. Calls of models: `calling`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.agents.domain import Outcome, State, ToolCall
from services.agents.execution import ToolRunError, run_tool
from services.agents.tables import CallsTable
from services.agents.tools import Tool
from shared.clock import Clock
from shared.http import problem
from shared.identity import Principal
from shared.ids import Ids


class ToolTrials:
    def __init__(self, tools: Mapping[str, Tool[Any]], table: CallsTable, clock: Clock, ids: Ids) -> None:
        self.tools = tools
        self._table = table
        self._clock = clock
        self._ids = ids

    def tool(self, name: str) -> Tool[Any]:
        """Raises `not-found`."""
        if name not in self.tools:
            raise problem("not-found")
        return self.tools[name]

    async def execute(self, principal: Principal, tool: Tool[Any], asked: BaseModel) -> Outcome:
        """What came of it; a tool that fails is an outcome, a tool that breaks raises."""
        call = ToolCall(
            id=self._ids.new("call"),
            tool=tool.name,
            principal_kind=principal.kind,
            principal_id=principal.subject,
            started_at=self._clock.now(),
        )
        began = self._clock.monotonic()
        await self._table.put(call)
        try:
            output = await run_tool(tool, asked, tool.timeout_s)
        except ToolRunError as failure:
            return Outcome(await self._end(call, "failed", began), error=str(failure))
        except BaseException:
            await self._end(call, "failed", began)
            raise
        return Outcome(await self._end(call, "succeeded", began), output=output)

    async def call(self, principal: Principal, call_id: str) -> ToolCall:
        """Raises `not-found` for what is another's."""
        call = await self._table.get(call_id)
        if call is None or (call.principal_kind, call.principal_id) != (principal.kind, principal.subject):
            raise problem("not-found")
        return call

    async def _end(self, call: ToolCall, state: State, began: float) -> ToolCall:
        took_ms = round((self._clock.monotonic() - began) * 1000)
        ended = call.model_copy(update={"state": state, "ended_at": self._clock.now(), "took_ms": took_ms})
        await self._table.put(ended)
        return ended
