"""Chat as Lambda functions: the consumers of its turns and of its watchdogs.

An invocation of `turns` runs its turn to the end, or hands it over to the next one before Lambda ends it. Its summons
is deleted as soon as the turn runs: from then on the watchdog sees to it. `watchdogs` runs no turn and is soon done.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from services.chat.assembly import Chat
from services.chat.bootstrap import VISIBILITY_S, kept, wire
from services.chat.settings import ChatSettings
from shared.clock import Clock
from shared.host.lambda_consumer import BatchConsumer, QueueFunction
from shared.host.runtime import Publishing, publishing
from shared.telemetry import Metrics

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


@asynccontextmanager
async def _opened(settings: ChatSettings) -> AsyncIterator[tuple[Chat, Publishing]]:
    async with (
        publishing("chat", settings, rung_by="stream", bedrock_profile=settings.bedrock_profile) as base,
        aiohttp.ClientSession() as session,
    ):
        yield await wire(settings, base, session), base


@asynccontextmanager
async def _opened_turns(settings: ChatSettings) -> AsyncIterator[BatchConsumer]:
    async with _opened(settings) as (chat, base), kept(chat.keeper):
        yield turns_consumer(chat, await base.aws.sqs(), base.clock, base.metrics)


@asynccontextmanager
async def _opened_watchdogs(settings: ChatSettings) -> AsyncIterator[BatchConsumer]:
    async with _opened(settings) as (chat, base):
        yield watchdogs_consumer(chat, await base.aws.sqs(), base.clock, base.metrics)


def turns_consumer(chat: Chat, sqs: "SQSClient", clock: Clock, metrics: Metrics | None = None) -> BatchConsumer:
    settings = chat.settings

    async def finish_or_hand_over(seconds: float) -> None:
        await chat.running.finish_or_hand_over(max(0, seconds - settings.hand_over_s))

    return BatchConsumer(
        sqs,
        settings.turns_queue_url,
        settings.turns_dead_letter_queue_url,
        chat.turns_handlers,
        visibility_s=VISIBILITY_S,
        finish_or_hand_over=finish_or_hand_over,
        metrics=metrics,
        clock=clock,
    )


def watchdogs_consumer(chat: Chat, sqs: "SQSClient", clock: Clock, metrics: Metrics | None = None) -> BatchConsumer:
    return BatchConsumer(
        sqs,
        chat.settings.watchdogs_queue_url,
        chat.settings.watchdogs_dead_letter_queue_url,
        chat.watchdogs_handlers,
        metrics=metrics,
        clock=clock,
    )


turns = QueueFunction("chat", ChatSettings, _opened_turns)
watchdogs = QueueFunction("chat", ChatSettings, _opened_watchdogs)
