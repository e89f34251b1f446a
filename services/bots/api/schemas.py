"""Request and response models of bots' HTTP API. Requests are strict; limits are in characters."""

from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.bots.domain import Bot, BotContent
from shared.http import PageView, View
from shared.ids import id_pattern

BOT_PATTERNS: Final = {"bot_id": id_pattern("bot")}

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]
Instruction = Annotated[str, StringConstraints(max_length=32_000)]


class BotSettings(BaseModel):
    """What the owner says of a bot; a change replaces all of it."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    description: Description = ""
    instruction: Instruction = Field(default="", description="what the model is told before the conversation")

    def content(self) -> BotContent:
        return BotContent(title=self.title, description=self.description, instruction=self.instruction)


class BotSummaryView(View):
    id: str
    title: str
    description: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class BotView(BotSummaryView):
    instruction: str


class BotPage(PageView[BotSummaryView]):
    """The caller's bots, the latest made first."""


class VersionPage(PageView[BotSummaryView]):
    """Kept versions of a bot, the latest first."""


def location(bot: Bot) -> str:
    return f"/api/bots/bots/{bot.id}"
