"""Events about bots, as the service bots publishes them."""

from shared.events.catalogue import bots
from shared.events.envelope import Actor, Envelope
from shared.ids import UlidIds
from tests.fakes.clock import START, FakeClock


def created(bot_id: str, owner: str = "ann") -> Envelope:
    return _envelope(bots.BotCreated(bot_id=bot_id, owner_id=owner, bot_version=1, created_at=START))


def updated(bot_id: str, version: int, owner: str = "ann") -> Envelope:
    return _envelope(bots.BotUpdated(bot_id=bot_id, owner_id=owner, bot_version=version, updated_at=START))


def deleted(bot_id: str, version: int, owner: str = "ann") -> Envelope:
    return _envelope(bots.BotDeleted(bot_id=bot_id, owner_id=owner, bot_version=version, deleted_at=START))


def _envelope(data: bots.BotCreated | bots.BotUpdated | bots.BotDeleted) -> Envelope:
    clock = FakeClock()
    return Envelope.of(
        data,
        source="colloquy.bots",
        subject=data.bot_id,
        sequence=data.bot_version,
        actor=Actor(kind="user", id=data.owner_id),
        clock=clock,
        ids=UlidIds(clock),
    )
