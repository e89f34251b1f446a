"""Settings of every service that calls models on Bedrock."""

from pydantic import Field

from shared.catalogue import Source
from shared.settings import ServiceSettings


class BedrockSettings(ServiceSettings):
    model_sources: tuple[Source, ...] = ("bedrock",)
    allowed_models: tuple[str, ...] = Field(default=(), description="catalogue ids; empty allows all that is served")
    bedrock_region: str = "us-east-1"
    bedrock_profile: str | None = Field(default=None, description="profile whose credentials call the models")
    global_inference: bool = True
    cross_region_inference: bool = True
    bedrock_fallback_regions: tuple[str, ...] = Field(
        default=(), description="asked in this order when no profile of bedrock_region serves a model"
    )
    first_token_s: float = Field(default=90, gt=0, description="how long a model may take to begin, retries included")
    count_tokens_s: float = Field(default=2, gt=0, description="how long a count of tokens may take, a retry included")
    silence_s: float = Field(default=60, gt=0, description="longest pause between two events of a model")
    model_rounds: int = Field(default=5, ge=1, description="how often all candidates are tried until a model begins")
    model_retry_s: float = Field(default=4, ge=0, description="and how long after the first failure at most")
