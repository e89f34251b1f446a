"""What tokens cost: by area, context, life of a cached prefix, and service tier."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.catalogue.areas import Area
from shared.catalogue.capabilities import Entry

Tier = Literal["default", "priority", "flex", "reserved"]
"""Service tiers of Bedrock: https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html"""

_NANO_USD_PER_TOKEN: Final = 1000  # one US dollar per million tokens is 1000 nano-USD a token
_ONE: Final = Decimal(1)


class Usage(BaseModel):
    """Tokens of one invocation as the provider counts them; cached ones are not part of `input_tokens`."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0, description="all writes, whatever their time to live")
    cache_write_1h_tokens: int = Field(default=0, ge=0, description="those of `cache_write_tokens` that live an hour")


class Rates(Entry):
    """US dollars per million tokens.

    Left out: cached tokens cost what input costs, and writes for an hour what those for five minutes cost.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal

    @model_validator(mode="before")
    @classmethod
    def _cached_tokens_cost_what_input_costs(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "input" not in given:
            return given
        plain = {"cache_read": given["input"], "cache_write": given["input"], **given}
        return {"cache_write_1h": plain["cache_write"], **plain}


class LongContext(Entry):
    """Factors for all tokens of a request whose input, cached tokens included, is above `over_tokens`."""

    over_tokens: int
    input_factor: Decimal
    output_factor: Decimal


class Prices(Rates):
    """The rates of the `global.` profile; of a model without one, the rates of the profile that most callers use.

    `areas` has the areas with rates of their own. In all others except `global`, tokens cost `regional_factor` times
    these rates. `tiers` has a factor for each service tier that the model offers beside the default one.
    """

    regional_factor: Decimal = _ONE
    areas: dict[Area, Rates] = Field(default={})
    long_context: LongContext | None = None
    tiers: dict[Tier, Decimal] = Field(default={})

    def cost_nano_usd(
        self, usage: Usage, *, area: Area | None = None, tier: Tier = "default", context_tokens: int | None = None
    ) -> int:
        """The price of one invocation in nano-USD, exact in Decimal, rounded once, half to even.

        `area` None: not known, then as `global`. `context_tokens` None: the input tokens of `usage`, cached ones too. A
        tier that the model does not offer costs as the default one.
        """
        rates = self.areas.get(area, self) if area else self
        factor = self.tiers.get(tier, _ONE)
        if rates is self and area not in {None, "global"}:
            factor *= self.regional_factor
        input_factor, output_factor = self._factors_of_context(usage, context_tokens)
        for_an_hour = min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
        input_side = (
            usage.input_tokens * rates.input
            + usage.cache_read_tokens * rates.cache_read
            + (usage.cache_write_tokens - for_an_hour) * rates.cache_write
            + for_an_hour * rates.cache_write_1h
        )
        dollars_per_million = input_side * input_factor + usage.output_tokens * rates.output * output_factor
        return int((dollars_per_million * factor * _NANO_USD_PER_TOKEN).to_integral_value(ROUND_HALF_EVEN))

    def _factors_of_context(self, usage: Usage, context_tokens: int | None) -> tuple[Decimal, Decimal]:
        if context_tokens is None:
            context_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        if self.long_context is None or context_tokens <= self.long_context.over_tokens:
            return _ONE, _ONE
        return self.long_context.input_factor, self.long_context.output_factor
