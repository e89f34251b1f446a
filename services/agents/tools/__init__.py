"""All tools. To add one, write a module that defines it and add it to `TOOLS`."""

from typing import Any, Final

from services.agents.tools.calculator import CALCULATOR
from services.agents.tools.tool import Tool, ToolFailedError

TOOLS: Final[dict[str, Tool[Any]]] = {tool.name: tool for tool in (CALCULATOR,)}

__all__ = ["TOOLS", "Tool", "ToolFailedError"]
