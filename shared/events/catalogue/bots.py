"""The events that bots publishes."""

from typing import ClassVar, Literal

from shared.events.data import BotId, EventData, PrincipalId, Revision, Time


class _BotEvent(EventData):
    bot_id: BotId
    owner_id: PrincipalId
    bot_version: Revision
    """Version of the bot after the change; who needs its settings asks bots for this version."""


class BotCreated(_BotEvent):
    """A bot was made; it is its owner's alone until shared."""

    event_type: ClassVar[str] = "bots.bot.created"
    version: ClassVar[int] = 1

    created_at: Time


class BotUpdated(_BotEvent):
    """A bot's settings changed."""

    event_type: ClassVar[str] = "bots.bot.updated"
    version: ClassVar[int] = 1

    updated_at: Time


class BotShared(_BotEvent):
    """Who may use a bot changed, wider or narrower."""

    event_type: ClassVar[str] = "bots.bot.shared"
    version: ClassVar[int] = 1

    scope: Literal["private", "partial", "all"]
    """Its owner alone, the people and groups that bots lists for it, or everybody signed in."""
    shared_at: Time


class BotDeleted(_BotEvent):
    """A bot is gone; what others keep for it goes too."""

    event_type: ClassVar[str] = "bots.bot.deleted"
    version: ClassVar[int] = 1

    deleted_at: Time
