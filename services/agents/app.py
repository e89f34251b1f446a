"""Wires agents, for both hosts."""

from typing import Final

from services.agents.api import ROUTES
from services.agents.consumers import call_handlers, event_handlers
from services.agents.events import AgentEvents
from services.agents.settings import AgentsSettings
from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from services.agents.tools import TOOLS
from services.agents.trials import ToolTrials
from shared.events.commands import CommandQueue
from shared.host.runtime import Runtime
from shared.host.service_app import ConsumedQueue, ServiceApp

_CALLS_AT_ONCE: Final = 20
_VISIBILITY_S: Final = 6  # after so long another process gets the call of a process that died
_GRACE_S: Final = 5.0  # for open calls when the process stops; then their messages go back to the queue


async def build(runtime: Runtime, settings: AgentsSettings) -> ServiceApp:
    clock, ids = runtime.clock, runtime.ids
    table = CallsTable(await runtime.aws.dynamodb(), settings.table, runtime.notify, clock)
    results = CommandQueue(await runtime.aws.sqs(), settings.turns_queue_url)
    calls = ToolCallHandler(TOOLS, table, results, AgentEvents(clock, ids), clock)
    return ServiceApp(
        routes=ROUTES,
        context=ToolTrials(TOOLS, table, clock, ids),
        queues=[
            ConsumedQueue.of(
                settings,
                "calls",
                call_handlers(calls),
                concurrency=_CALLS_AT_ONCE,
                visibility_s=_VISIBILITY_S,
                grace_s=_GRACE_S,
                settles_on_lambda=True,
            ),
            ConsumedQueue.of(settings, "events", event_handlers(table)),
        ],
    )
