"""Agents as Lambda functions: the consumers of its events and of calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.agents.bootstrap import CALLS_AT_ONCE, VISIBILITY_S
from services.agents.consumers import calls_handlers, handlers
from services.agents.events import AgentEvents
from services.agents.settings import AgentsSettings
from services.agents.tables import CallsTable
from services.agents.tool_calls import ToolCallHandler
from services.agents.tools import TOOLS
from shared.events.commands import CommandQueue
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import open_runtime, publishing


@asynccontextmanager
async def _opened_events(settings: AgentsSettings) -> AsyncIterator[BatchConsumer]:
    async with open_runtime("agents", settings) as base:
        yield BatchConsumer(
            await base.aws.sqs(),
            settings.events_queue_url,
            settings.events_dead_letter_queue_url,
            handlers(CallsTable(await base.aws.dynamodb(), settings.table, base.clock)),
            metrics=base.metrics,
            clock=base.clock,
        )


@asynccontextmanager
async def _opened_calls(settings: AgentsSettings) -> AsyncIterator[BatchConsumer]:
    async with publishing("agents", settings, rung_by="stream") as base:
        sqs = await base.aws.sqs()
        table = CallsTable(await base.aws.dynamodb(), settings.table, base.clock)
        answers, teller = CommandQueue(sqs, settings.turns_queue_url), AgentEvents(base.clock, base.ids)
        yield BatchConsumer(
            sqs,
            settings.calls_queue_url,
            settings.calls_dead_letter_queue_url,
            calls_handlers(ToolCallHandler(TOOLS, table, answers, teller, base.ring, base.clock)),
            concurrency=CALLS_AT_ONCE,
            visibility_s=VISIBILITY_S,
            metrics=base.metrics,
            clock=base.clock,
        )


events = QueueFunction("agents", AgentsSettings, _opened_events)
calls = QueueFunction("agents", AgentsSettings, _opened_calls)
