"""Who may do what with a bot or a conversation: pure decisions over a principal and the grants of the thing.

What the caller may not see does not exist for them: the use cases answer `not-found`.
"""

from dataclasses import dataclass

from shared.identity import Principal


@dataclass(frozen=True, slots=True)
class BotAccess:
    """The grants of one bot: its owner's only, until bots are shared. An owner is a person or an API key."""

    owner_id: str

    def may_use(self, principal: Principal) -> bool:
        """Read the bot, and talk to it."""
        return self.may_edit(principal)

    def may_edit(self, principal: Principal) -> bool:
        """Change the bot, its versions and its knowledge."""
        return principal.subject == self.owner_id

    def may_share(self, principal: Principal) -> bool:
        """Say who may use or edit the bot, and delete it."""
        return principal.subject == self.owner_id


@dataclass(frozen=True, slots=True)
class ConversationAccess:
    """A conversation is its owner's alone."""

    owner_id: str

    def may_read(self, principal: Principal) -> bool:
        return principal.subject == self.owner_id
