"""Settings of the command line: `make test-lambda REQUIRE_LAMBDA=1 STREAMS=20`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LambdaSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    require_lambda: bool = Field(default=False, description="a machine without cargo is an error, not a skip")
    rounds: int = Field(default=30, ge=1, description="of measuring one stream through the adapter and past it")
    streams: int = Field(default=20, ge=1, description="at once")
