"""The only place where agents' ports meet their adapters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.agents.api import ROUTES
from services.agents.consumers import handlers
from services.agents.executing import Executing
from services.agents.settings import AgentsSettings
from services.agents.tables import CallsTable
from services.agents.tools import TOOLS
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer import Poller
from shared.host import Rooms, standing
from shared.host.front import opened_front


@asynccontextmanager
async def rooms(settings: AgentsSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends. No relay: agents tells nothing yet."""
    async with standing(settings) as base:
        dynamodb, sqs = await base.aws.dynamodb(), await base.aws.sqs()
        executing = Executing(TOOLS, CallsTable(dynamodb, settings.table), base.clock, base.ids)
        events = Poller(sqs, settings.events_queue_url, settings.events_dead_letter_queue_url, handlers())
        checks = {
            "table": table_answers(dynamodb, settings.table),
            "events_queue": queue_answers(sqs, settings.events_queue_url),
            "calls_queue": queue_answers(sqs, settings.calls_queue_url),
        }
        async with opened_front(
            "agents", settings, base.aws, routes=ROUTES, context=executing, checks=checks,
            clock=base.clock, ids=base.ids,
        ) as app:  # fmt: skip
            yield Rooms(app, {"events": events.run})
