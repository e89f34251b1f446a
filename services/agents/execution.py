"""Runs a tool once, within limits of time and output size."""

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
_MOST_DETAILS: Final = 5


class ToolRunError(Exception):
    """A tool gave no output. The text is for the caller, as a rule a model: what is wrong and what to do about it."""

    def __init__(self, reason: Failure, text: str) -> None:
        super().__init__(text)
        self.reason: Failure = reason


async def run_tool(tool: Tool[Any], tool_input: BaseModel, within_s: float) -> dict[str, JsonValue]:
    """Run the tool. Raises ToolRunError when it refuses or exceeds `within_s`, and whatever a broken tool raises."""
    try:
        async with asyncio.timeout(within_s):
            output = await tool.run(tool_input)
    except ToolFailedError as failure:
        raise ToolRunError("refused", str(failure)) from None
    except TimeoutError:
        raise ToolRunError("timed_out", f"the tool took longer than {within_s:.3g} s") from None
    return output.model_dump(mode="json")


async def run_call(
    tools: Mapping[str, Tool[Any]], command: CallTool, clock: Clock, *, may_have_run: bool
) -> dict[str, JsonValue]:
    """Run the tool that a model calls. Raises as `run_tool`, and ToolRunError for a call that cannot be run.

    `may_have_run`: an earlier attempt may have executed the call; then a tool that is not repeatable is not run again.
    """
    tool = tools.get(command.name)
    left_s = (command.deadline - epoch_millis(clock.now())) / 1000
    if tool is None:
        raise ToolRunError("unknown_tool", f"There is no such tool. There are: {', '.join(sorted(tools))}.")
    if left_s <= 0:
        raise ToolRunError("too_late", "The call came after its deadline.")
    if may_have_run and not tool.repeatable:
        raise ToolRunError("uncertain", "The call was interrupted; it may or may not have had its effect.")
    output = await run_tool(tool, _parse_input(tool, command.input), min(tool.timeout_s, left_s))
    if len(json.dumps(output, ensure_ascii=False).encode()) > OUTPUT_MAX:
        raise ToolRunError("too_large", f"The result has more than {OUTPUT_MAX // 1024} KB. Ask for less at once.")
    return output


def _parse_input(tool: Tool[Any], raw: Mapping[str, JsonValue]) -> BaseModel:
    """The tool's input. Raises ToolRunError that names the wrong fields and what is wrong with them."""
    try:
        parsed: BaseModel = tool.input.model_validate(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_DETAILS]
        details = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'input'}: {each['msg']}" for each in faults)
        raise ToolRunError("invalid_input", f"The input is not as the tool wants it. {details}") from None
    return parsed
