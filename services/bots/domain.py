"""A bot and its versions."""

from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.access import BotAccess

VERSIONS_KEPT: Final = 50
"""Few enough to delete all of them with the bot in one transaction."""
BOTS_PER_OWNER: Final = 200


class BotContent(BaseModel):
    """The part of a bot that its editors change."""

    model_config = ConfigDict(frozen=True)

    title: str
    description: str
    instruction: str


class BotSummary(BaseModel):
    """A bot as lists show it. `version` counts from 1; `updated_at` is when this version was created."""

    id: str
    owner_id: str
    title: str
    description: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Bot(BotSummary):
    """One complete version of a bot."""

    instruction: str

    @property
    def content(self) -> BotContent:
        return BotContent(title=self.title, description=self.description, instruction=self.instruction)

    @property
    def access(self) -> BotAccess:
        return BotAccess(self.owner_id)

    def oldest_kept(self) -> int:
        """The number of the oldest version that is kept beside this one."""
        return max(1, self.version - VERSIONS_KEPT + 1)
