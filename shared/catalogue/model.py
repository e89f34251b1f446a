"""A model of the catalogue: its names, capabilities, limits and prices."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Source = Literal["bedrock", "local", "gguf", "openai", "scripted"]
_NANO_USD_PER_TOKEN: Final = 1000  # one US dollar per million tokens is 1000 nano-USD a token


class Usage(BaseModel):
    """Tokens of one invocation as the provider counts them; cached ones are not part of `input_tokens`."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)


class Capabilities(BaseModel):
    model_config = ConfigDict(frozen=True)

    images: bool
    documents: bool
    reasoning: Literal["none", "budget", "adaptive", "always"]
    tools: bool
    prefill: bool = Field(description="continues an answer whose beginning it is given")
    prompt_caching: bool
    token_counting: bool = Field(default=False, description="its provider counts a request's tokens before the call")


class Limits(BaseModel):
    model_config = ConfigDict(frozen=True)

    context_tokens: int
    output_tokens: int


class Prices(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True)

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")
    name: str
    provider: str
    source: Source
    bedrock_id: str
    inference_profiles: tuple[str, ...]
    capabilities: Capabilities
    parameters: frozenset[Literal["temperature", "top_p", "top_k"]]
    limits: Limits
    prices: Prices
    notice: Literal["toy_model", "scripted_model"] | None = None

    def cost_nano_usd(self, usage: Usage) -> int:
        """The price of an invocation in nano-USD, exact in Decimal, rounded once, half to even."""
        prices = self.prices
        dollars_per_million = (
            usage.input_tokens * prices.input
            + usage.output_tokens * prices.output
            + usage.cache_read_tokens * prices.cache_read
            + usage.cache_write_tokens * prices.cache_write
        )
        return int((dollars_per_million * _NANO_USD_PER_TOKEN).to_integral_value(ROUND_HALF_EVEN))

    def invocation_ids(self, region: str, *, global_profiles: bool, regional_profiles: bool) -> tuple[str, ...]:
        """Ids under which to invoke the model, best first: the global profile, those of the region, the plain model id.

        The plain id is always the last one, also for a model that Bedrock serves through profiles only.
        """
        offered = self.inference_profiles
        ids = [f"global.{self.bedrock_id}"] if global_profiles and "global" in offered else []
        if regional_profiles:
            ids += [f"{area}.{self.bedrock_id}" for area in _areas(region) if area in offered]
        return (*ids, self.bedrock_id)


def _areas(region: str) -> tuple[str, ...]:
    """Prefixes of the cross-region profiles that a source region may use, nearest first."""
    match region.split("-", maxsplit=1)[0], region:
        case "us", _:
            return ("us",)
        case "eu", _:
            return ("eu",)
        case "ap", "ap-northeast-1" | "ap-northeast-3":
            return ("jp", "apac")
        case "ap", "ap-southeast-2" | "ap-southeast-4":
            return ("au", "apac")
        case "ap", _:
            return ("apac",)
        case _:
            return ()
