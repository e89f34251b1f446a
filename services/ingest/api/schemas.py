"""Request and response models of ingest's HTTP API."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ingest.domain import Definition
from shared.http import PageView, View


class NewSource(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Definition


class SourceView(View):
    id: str
    bot_id: str
    source: Definition
    state: Literal["registered"] = Field(description="`registered`: known, and not read yet")
    created_at: AwareDatetime


class SourcePage(PageView[SourceView]):
    """A bot's sources, the first registered first."""
