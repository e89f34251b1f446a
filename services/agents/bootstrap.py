"""The only place where agents' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.agents.api import ROUTES
from services.agents.consumers import calls_handlers, handlers
from services.agents.events import AgentEvents
from services.agents.settings import AgentsSettings
from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from services.agents.tools import TOOLS
from services.agents.trials import ToolTrials
from shared.aws.readiness import queue_answers, table_answers
from shared.events.commands import CommandQueue
from shared.events.consumer.poller import Poller
from shared.host import Rooms, publishing
from shared.host.http_app import http_app

CALLS_AT_ONCE: Final = 20
VISIBILITY_S: Final = 6  # how soon another process gets the call that this one died with
_GRACE_S: Final = 5.0  # what a call has left after the order to stop; then it is given back


@asynccontextmanager
async def rooms(settings: AgentsSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with publishing("agents", settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        table = CallsTable(dynamodb, settings.table, base.clock)
        executing = ToolTrials(TOOLS, table, base.clock, base.ids)
        answers, teller = CommandQueue(sqs, settings.turns_queue_url), AgentEvents(base.clock, base.ids)
        calling = ToolCallHandler(TOOLS, table, answers, teller, base.ring, base.clock)
        events = Poller(
            sqs,
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(table),
            metrics=base.metrics,
            clock=base.clock,
        )
        calls = Poller(
            sqs,
            settings.calls_queue_url,
            settings.calls_dead_letter_queue_url,
            calls_handlers(calling),
            concurrency=CALLS_AT_ONCE,
            visibility_s=VISIBILITY_S,
            grace_s=_GRACE_S,
            metrics=base.metrics,
            clock=base.clock,
        )
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
            "calls_queue": queue_answers(sqs, settings.calls_queue_url),
        }
        async with http_app(
            "agents", settings, base.aws, routes=ROUTES, context=executing, checks=checks,
            clock=base.clock, ids=base.ids,
        ) as app:  # fmt: skip
            yield Rooms(app, {"calls": calls.run, "events": events.run, "relay": base.relay.run})
