"""A model of the catalogue: its names, capabilities, limits, prices and dates."""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.catalogue.areas import Area, areas_of_region, has_global_profiles
from shared.catalogue.capabilities import Capabilities, Entry
from shared.catalogue.prices import Prices, Tier, Usage

Source = Literal["bedrock", "local", "gguf", "openai", "scripted"]


class Limits(Entry):
    context_tokens: int
    output_tokens: int
    least_output_tokens: int = Field(default=1, description="a request for fewer is rejected")


class Model(Entry):
    """`legacy_on`: from this day on the provider does not let new accounts use it; `ends_on`: it answers no more.

    `dearer_on`: from this day on its price may be higher than the list says. `needs`: what an account must have, in
    words. Days are those of UTC.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    name: str
    provider: str
    source: Source
    bedrock_id: str
    inference_profiles: tuple[Area, ...] = ()
    capabilities: Capabilities = Capabilities()
    limits: Limits
    prices: Prices
    notice: Literal["toy_model", "scripted_model"] | None = None
    needs: str = ""
    legacy_on: date | None = None
    ends_on: date | None = None
    dearer_on: date | None = None

    def is_legacy(self, today: date) -> bool:
        """Whether its provider has announced its end, and it still answers."""
        return self.legacy_on is not None and self.legacy_on <= today and not self.has_ended(today)

    def has_ended(self, today: date) -> bool:
        return self.ends_on is not None and self.ends_on <= today

    def cost_nano_usd(
        self, usage: Usage, *, area: Area | None = None, tier: Tier = "default", context_tokens: int | None = None
    ) -> int:
        """The price of one invocation in nano-USD; see `Prices.cost_nano_usd`."""
        return self.prices.cost_nano_usd(usage, area=area, tier=tier, context_tokens=context_tokens)

    def invocation_ids(self, region: str, *, global_profiles: bool, regional_profiles: bool) -> tuple[str, ...]:
        """Ids under which to invoke the model, best first: the global profile, those of the region, the plain model id.

        The plain id is always the last one, also for a model that Bedrock serves through profiles only.
        """
        offered = self.inference_profiles
        areas: tuple[Area, ...] = ("global",) if global_profiles and has_global_profiles(region) else ()
        if regional_profiles:
            areas += areas_of_region(region)
        return (*(f"{area}.{self.bedrock_id}" for area in areas if area in offered), self.bedrock_id)
