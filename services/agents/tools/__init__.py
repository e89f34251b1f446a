"""The tools of this house. One place to add one: a file that defines it, and its name here."""

from typing import Any, Final

from services.agents.tools.calculator import CALCULATOR
from services.agents.tools.tool import Tool, ToolFailedError

TOOLS: Final[dict[str, Tool[Any]]] = {tool.name: tool for tool in (CALCULATOR,)}

__all__ = ["TOOLS", "Tool", "ToolFailedError"]
