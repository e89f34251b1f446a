"""Settings of `make test`."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class SuiteSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    chromium_path: Path | None = None
    require_e2e: bool = False
