"""Knowledge sources, from which a bot's documents will come, and the projection of the bots themselves."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

from shared.access import BotAccess

SOURCES_PER_BOT: Final = 100
_S3_ADDRESS: Final = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\x00-\x1f\x7f]{0,900})?$"


def _without_credentials(url: HttpUrl) -> HttpUrl:
    if url.username is not None or url.password is not None:
        raise ValueError("an address must not hold a user name or a password")
    return url


WebAddress = Annotated[HttpUrl, AfterValidator(_without_credentials)]


class _Definition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebPage(_Definition):
    """One page of the web."""

    type: Literal["url"]
    url: WebAddress


class Sitemap(_Definition):
    """The pages that a sitemap lists."""

    type: Literal["sitemap"]
    url: WebAddress


class Bucket(_Definition):
    """The objects of a bucket, or those below a prefix."""

    type: Literal["s3"]
    uri: Annotated[str, StringConstraints(pattern=_S3_ADDRESS)]


Definition = Annotated[WebPage | Sitemap | Bucket, Field(discriminator="type")]
"""To add a kind of source, add its class here."""


class Source(BaseModel):
    """A knowledge source; `registered`: it is known and not read yet."""

    id: str
    bot_id: str
    source: Definition
    state: Literal["registered"] = "registered"
    created_at: AwareDatetime


class KnownBot(BaseModel):
    """A bot, as known from its events. The state `deleted` is kept, so that a late event does not restore the bot."""

    owner_id: str
    state: Literal["live", "deleted"]
    sources: int = 0

    @property
    def access(self) -> BotAccess:
        return BotAccess(self.owner_id)
