"""Agents' Lambda functions, one for each queue."""

from services.agents.app import build
from services.agents.settings import AgentsSettings
from shared.host.queue_function import queue_function

events = queue_function("agents", AgentsSettings, build, "events")
calls = queue_function("agents", AgentsSettings, build, "calls")
