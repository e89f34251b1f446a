"""Settings of the function hosts. `make up COMPUTE=lambda` sets them."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FunctionsSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COLLOQUY_FUNCTIONS_", extra="ignore", frozen=True)

    environment: str = Field(description="environment of the stacks")
    aws: str = Field(description="URL of the embedded AWS")
    port: int = Field(ge=1, le=65535, description="port of the server for events")
    services: dict[str, int] = Field(description="service → port of its API")
    local: dict[str, str] = Field(description="variables of every function, in addition to those of the template")
    local_of: dict[str, dict[str, str]] = Field(default={}, description="service → more variables of its functions")
    folder: Path = Field(description="folder for unpacked packages")
    logs: Path
    adapter: Path = Field(description="program of the web adapter")
    runtime_client: Path = Field(description="folder of awslambdaric")
