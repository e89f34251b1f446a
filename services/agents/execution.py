"""One run of a tool, bounded in time and size: its output, or why there is none."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, JsonValue, ValidationError

from services.agents.tools import Tool, ToolFailedError
from shared.clock import Clock, epoch_millis
from shared.events.catalogue.agents import Failure
from shared.events.commands import CallTool

OUTPUT_MAX: Final = 64 * 1024
"""Bytes of JSON that a tool may give back to a model."""
_FAULTS_NAMED: Final = 5


class ToolRunError(Exception):
    """The text is for whoever asked, a model as a rule: what is wrong and what to do about it."""

    def __init__(self, reason: Failure, text: str) -> None:
        super().__init__(text)
        self.reason: Failure = reason


async def run_tool(tool: Tool[Any], asked: BaseModel, within_s: float) -> dict[str, JsonValue]:
    """Raises NotDoneError when the tool refuses, or after `within_s`; a tool that breaks raises what it raises."""
    try:
        async with asyncio.timeout(within_s):
            output = await tool.run(asked)
    except ToolFailedError as failure:
        raise ToolRunError("refused", str(failure)) from None
    except TimeoutError:
        raise ToolRunError("timed_out", f"the tool took longer than {within_s:.3g} s") from None
    return output.model_dump(mode="json")


async def run_call(
    tools: Mapping[str, Tool[Any]], asked: CallTool, clock: Clock, *, again: bool
) -> dict[str, JsonValue]:
    """What a model asked for. `again`: somebody may have executed it before. Raises as `perform`, and NotDoneError."""
    tool = tools.get(asked.name)
    left_s = (asked.deadline - epoch_millis(clock.now())) / 1000
    if tool is None:
        raise ToolRunError("unknown_tool", f"There is no such tool. There are: {', '.join(sorted(tools))}.")
    if left_s <= 0:
        raise ToolRunError("too_late", "The call came after its deadline.")
    if again and not tool.repeatable:
        raise ToolRunError("uncertain", "The call was interrupted; it may or may not have had its effect.")
    output = await run_tool(tool, _parsed(tool, asked.input), min(tool.timeout_s, left_s))
    if len(json.dumps(output, ensure_ascii=False).encode()) > OUTPUT_MAX:
        raise ToolRunError("too_large", f"The result has more than {OUTPUT_MAX // 1024} KB. Ask for less at once.")
    return output


def _parsed(tool: Tool[Any], given: Mapping[str, JsonValue]) -> BaseModel:
    """Raises NotDoneError that tells which fields are wrong, and how."""
    try:
        parsed: BaseModel = tool.input.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)[:_FAULTS_NAMED]
        told = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'input'}: {each['msg']}" for each in faults)
        raise ToolRunError("invalid_input", f"The input is not as the tool wants it. {told}") from None
    return parsed
