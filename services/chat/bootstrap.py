"""The only place where chat's ports meet their adapters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from services.chat.adapters.large_content import S3LargeContent
from services.chat.adapters.tool_catalog import AgentsToolCatalog
from services.chat.api import ROUTES
from services.chat.assembly import Chat, Ports
from services.chat.limits.stream_leases import StreamLeases
from services.chat.llm.bedrock import BedrockModels
from services.chat.settings import ChatSettings
from services.chat.turns.leases import LeaseRenewer
from shared.aws.addresses import Address
from shared.aws.readiness import queue_answers, table_answers
from shared.events.consumer.poller import Poller
from shared.host import Publishing, Rooms, publishing
from shared.host.http_app import http_app
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_SUMMONS_AT_ONCE = 20
_CHECKS_AT_ONCE = 20
_CHECKS_GRACE_S = 5.0  # what is not done by then is given back
VISIBILITY_S = 8  # how soon another process gets the message that this one died with


@asynccontextmanager
async def rooms(settings: ChatSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with (
        publishing("chat", settings, bedrock_profile=settings.bedrock_profile) as base,
        aiohttp.ClientSession() as session,
    ):
        chat = await wire(settings, base, session)
        sqs = await base.aws.sqs()
        checks = {
            "table": table_answers(await base.aws.dynamodb(), settings.table),
            "turn_log": table_answers(await base.aws.dynamodb(), settings.turn_log_table),
            "turns_queue": queue_answers(sqs, settings.turns_queue_url),
            "watchdogs_queue": queue_answers(sqs, settings.watchdogs_queue_url),
        }
        async with (
            kept(chat.keeper),
            kept(chat.seats),
            http_app(
                "chat", settings, base.aws, routes=ROUTES, context=chat.desk(), checks=checks,
                clock=base.clock, ids=base.ids,
            ) as app,
        ):  # fmt: skip
            workers = {
                "turns": _turns_poller(settings, base, sqs, chat).run,
                "watchdogs": _watchdogs_poller(settings, base, sqs, chat).run,
                "relay": base.relay.run,
            }
            yield Rooms(app, workers, chat.running.drain)


@asynccontextmanager
async def kept(keeper: LeaseRenewer | StreamLeases) -> AsyncIterator[None]:
    """Leases are renewed in every role: whoever runs a turn or streams one needs it."""
    stop = asyncio.Event()
    keeping = asyncio.create_task(keeper.run(stop))
    try:
        yield
    finally:
        stop.set()
        await keeping


async def wire(settings: ChatSettings, base: Publishing, session: aiohttp.ClientSession) -> Chat:
    tokens = InternalTokens("chat", settings.internal_token_secret, clock=base.clock)
    return Chat(
        settings,
        Ports(
            dynamodb=await base.aws.dynamodb(),
            sqs=await base.aws.sqs(),
            bodies=S3LargeContent(await base.aws.s3(), settings.content_bucket),
            models=await BedrockModels.opened(base.aws.bedrock_runtime, settings, base.clock),
            toolbox=AgentsToolCatalog(
                session,
                Address(settings.agents_url, lambda: base.aws.client("ssm"), base.clock).find,
                lambda: tokens.sign("agents", Principal("chat", "service")),
                base.clock,
            ),
            clock=base.clock,
            ids=base.ids,
            ring=base.ring,
        ),
    )


def _turns_poller(settings: ChatSettings, base: Publishing, sqs: "SQSClient", chat: Chat) -> Poller:
    return Poller(
        sqs,
        settings.turns_queue_url,
        settings.turns_dead_letter_queue_url,
        chat.turns_handlers,
        concurrency=_SUMMONS_AT_ONCE,
        room=lambda: chat.running.room,
        visibility_s=VISIBILITY_S,
        grace_s=settings.drain_s + settings.hand_over_s,
        metrics=base.metrics,
        clock=base.clock,
    )


def _watchdogs_poller(settings: ChatSettings, base: Publishing, sqs: "SQSClient", chat: Chat) -> Poller:
    return Poller(
        sqs,
        settings.watchdogs_queue_url,
        settings.watchdogs_dead_letter_queue_url,
        chat.watchdogs_handlers,
        concurrency=_CHECKS_AT_ONCE,
        visibility_s=VISIBILITY_S,
        grace_s=_CHECKS_GRACE_S,
        metrics=base.metrics,
        clock=base.clock,
    )
