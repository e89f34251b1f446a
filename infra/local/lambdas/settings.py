"""Settings that `make up COMPUTE=lambda` gives to the hosts of functions."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FunctionsSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COLLOQUY_FUNCTIONS_", extra="ignore", frozen=True)

    environment: str = Field(description="of the stacks")
    aws: str = Field(description="address of the embedded AWS")
    port: int = Field(ge=1, le=65535, description="of the server that invokes functions")
    services: dict[str, int] = Field(description="service: port of its API")
    local: dict[str, str] = Field(description="variables of every function, in addition to the template's")
    folder: Path = Field(description="where packages are unpacked")
    logs: Path
    adapter: Path = Field(description="the web adapter")
    runtime_client: Path = Field(description="folder of awslambdaric")
