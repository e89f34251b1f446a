"""A bot: what a person tells a model to be, in versions."""

from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

VERSIONS_KEPT: Final = 50
"""Few enough that one transaction can erase them all together with the bot."""
BOTS_PER_OWNER: Final = 200


class BotContent(BaseModel):
    """What its owner may change."""

    model_config = ConfigDict(frozen=True)

    title: str
    description: str
    instruction: str


class BotSummary(BaseModel):
    """What a list shows. `version` counts from 1; `updated_at` is when this version was made."""

    id: str
    owner_id: str
    title: str
    description: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Bot(BotSummary):
    """One version of a bot, whole."""

    instruction: str

    @property
    def settings(self) -> BotContent:
        return BotContent(title=self.title, description=self.description, instruction=self.instruction)

    def oldest_kept(self) -> int:
        return max(1, self.version - VERSIONS_KEPT + 1)
