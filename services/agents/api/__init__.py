"""HTTP routes of agents: parse, authorise, call, answer."""

from services.agents.api.tools import TOOL_ROUTES

ROUTES = TOOL_ROUTES

__all__ = ["ROUTES"]
