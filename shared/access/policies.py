"""Who may do what with a bot or a conversation: pure decisions about a principal and the owner of the thing.

Use cases answer `not-found` for what the caller may not see.
"""

from dataclasses import dataclass

from shared.identity import Principal


@dataclass(frozen=True, slots=True)
class BotAccess:
    """Access to one bot: its owner only, as long as bots cannot be shared. An owner is a person or an API key."""

    owner_id: str

    def may_use(self, principal: Principal) -> bool:
        """Read the bot, and talk to it."""
        return self.may_edit(principal)

    def may_edit(self, principal: Principal) -> bool:
        """Change the bot, its versions and its knowledge, and delete it."""
        return principal.subject == self.owner_id


@dataclass(frozen=True, slots=True)
class ConversationAccess:
    """A conversation is its owner's alone."""

    owner_id: str

    def may_read(self, principal: Principal) -> bool:
        return principal.subject == self.owner_id
