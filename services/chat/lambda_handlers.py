"""Chat as a Lambda function: the consumer of its turns.

An invocation of `turns` runs its turn to the end, or hands it over to the next one before Lambda ends it. Its summons
is deleted as soon as the turn runs: from then on the watchdog sees to it.
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
from shared.host.runtime import publishing
from shared.telemetry import Metrics

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient


@asynccontextmanager
async def _opened(settings: ChatSettings) -> AsyncIterator[BatchConsumer]:
    async with (
        publishing("chat", settings, rung_by="stream", bedrock_profile=settings.bedrock_profile) as base,
        aiohttp.ClientSession() as session,
    ):
        chat = await wire(settings, base, session)
        async with kept(chat.keeper):
            yield turns_consumer(chat, await base.aws.sqs(), base.clock, base.metrics)


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


turns = QueueFunction("chat", ChatSettings, _opened)
