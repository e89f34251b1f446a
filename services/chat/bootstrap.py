"""The only place where chat's ports meet their adapters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.chat.api import ROUTES
from services.chat.api.desk import Desk
from services.chat.bedrock import BedrockModels
from services.chat.bodies import BucketBodies
from services.chat.cancelling import Cancelling
from services.chat.consumers import TurnsConsumer
from services.chat.conversations import ConversationDesk
from services.chat.ending import Ending
from services.chat.erasing import Erasing
from services.chat.following import Following
from services.chat.keeping import LeaseKeeper
from services.chat.live import LiveTurns
from services.chat.paying import Paying
from services.chat.reading import Reading
from services.chat.running import Running
from services.chat.seat_keeping import SeatKeeper
from services.chat.seating import Seating
from services.chat.settings import ChatSettings
from services.chat.starting import Starting
from services.chat.summons import Summons
from services.chat.tables import Store
from services.chat.telling import Teller
from services.chat.titling import Titling
from services.chat.watching import Watching
from shared.aws.readiness import queue_answers, table_answers
from shared.catalogue import Catalogue
from shared.events.consumer import Poller
from shared.host import Rooms, Standing, standing
from shared.host.front import opened_front

_TURNS_AT_ONCE = 20
_VISIBILITY_S = 8  # how soon another process gets the summons that this one died with


@asynccontextmanager
async def rooms(settings: ChatSettings) -> AsyncIterator[Rooms]:
    """Everything wired, clients open until the block ends."""
    async with standing(settings, bedrock_profile=settings.bedrock_profile) as base:
        chat = await _wire(settings, base)
        checks = {
            "table": table_answers(await base.aws.dynamodb(), settings.table),
            "turn_log": table_answers(await base.aws.dynamodb(), settings.turn_log_table),
            "turns_queue": queue_answers(await base.aws.sqs(), settings.turns_queue_url),
        }
        async with (
            _kept(chat.keeper),
            _kept(chat.desk.seats),
            opened_front(
                "chat", settings, base.aws, routes=ROUTES, context=chat.desk, checks=checks,
                clock=base.clock, ids=base.ids,
            ) as app,
        ):  # fmt: skip
            workers = {"turns": chat.poller.run, "relay": base.relay.run}
            yield Rooms(app, workers, chat.desk.running.drain)


@asynccontextmanager
async def _kept(keeper: LeaseKeeper | SeatKeeper) -> AsyncIterator[None]:
    """Leases are renewed in every role: whoever runs a turn or streams one needs it."""
    stop = asyncio.Event()
    keeping = asyncio.create_task(keeper.run(stop))
    try:
        yield
    finally:
        stop.set()
        await keeping


@dataclass(frozen=True)
class _Chat:
    desk: Desk
    poller: Poller
    keeper: LeaseKeeper


async def _wire(settings: ChatSettings, base: Standing) -> _Chat:
    clock, ids = base.clock, base.ids
    sqs = await base.aws.sqs()
    store = Store.of(
        await base.aws.dynamodb(),
        settings,
        bodies=BucketBodies(await base.aws.s3(), settings.content_bucket),
        clock=clock,
        ring=base.relay.ring,
    )
    catalogue = Catalogue.offered(settings.model_sources, settings.allowed_models)
    models = BedrockModels(await base.aws.bedrock_runtime(settings.bedrock_region), settings)
    teller = Teller(clock, ids)
    live = LiveTurns()
    keeper = LeaseKeeper(store.turns, clock, lease_s=settings.lease_s, poll_s=settings.cancel_poll_s)
    summons = Summons(sqs, settings.turns_queue_url, clock, lease_s=settings.lease_s)
    paying = Paying(store, catalogue, teller, clock, ids)
    ending = Ending(store, teller, clock)
    titling = Titling(store, models, paying, teller)
    running = Running(store, models, paying, ending, titling, keeper, live, catalogue, settings, clock)
    watching = Watching(store, summons, running, paying, ending, keeper, catalogue, settings, clock)
    cancelling = Cancelling(store, keeper, watching, clock)
    seats = SeatKeeper(store, clock)
    seating = Seating(store, seats, settings, clock)
    desk = Desk(
        conversations=ConversationDesk(store, summons, teller, clock, ids),
        reading=Reading(store),
        starting=Starting(store, summons, seating, paying, keeper, teller, catalogue, settings, clock, ids),
        seating=seating,
        seats=seats,
        running=running,
        following=Following(store, live, clock),
        cancelling=cancelling,
        catalogue=catalogue,
        settings=settings,
    )
    poller = Poller(
        sqs,
        settings.turns_queue_url,
        settings.turns_dead_letter_queue_url,
        TurnsConsumer(watching, Erasing(store, cancelling, clock)),
        concurrency=_TURNS_AT_ONCE,
        visibility_s=_VISIBILITY_S,
        grace_s=settings.drain_s,
        clock=clock,
    )
    return _Chat(desk, poller, keeper)
