"""Builds the envelopes of bots' events."""

from typing import Final

from services.bots.domain import Bot
from shared.clock import Clock
from shared.events.catalogue import bots as events
from shared.events.data import EventData
from shared.events.envelope import Actor, Envelope
from shared.ids import Ids

_SOURCE: Final = "colloquy.bots"


class BotEvents:
    """The `sequence` of an event is the bot's version after the change."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids

    def created(self, bot: Bot) -> Envelope:
        return self._about(
            bot,
            events.BotCreated(bot_id=bot.id, owner_id=bot.owner_id, bot_version=bot.version, created_at=bot.created_at),
        )

    def updated(self, bot: Bot) -> Envelope:
        return self._about(
            bot,
            events.BotUpdated(bot_id=bot.id, owner_id=bot.owner_id, bot_version=bot.version, updated_at=bot.updated_at),
        )

    def deleted(self, bot: Bot) -> Envelope:
        """`bot` is its last version; the deletion counts as one version more."""
        data = events.BotDeleted(
            bot_id=bot.id, owner_id=bot.owner_id, bot_version=bot.version + 1, deleted_at=self._clock.now()
        )
        return self._about(bot, data, sequence=bot.version + 1)

    def _about(self, bot: Bot, data: EventData, *, sequence: int | None = None) -> Envelope:
        return Envelope.of(
            data,
            source=_SOURCE,
            subject=bot.id,
            sequence=sequence or bot.version,
            actor=Actor(kind="user", id=bot.owner_id),
            clock=self._clock,
            ids=self._ids,
        )
