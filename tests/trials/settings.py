"""The settings that all suites of cases share."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class TrialSettings(BaseSettings):
    """Names without a prefix, because they are the variables of the Makefile."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    seed: int = 4
    only: Annotated[tuple[str, ...], NoDecode] = ()
    again: bool = Field(default=False, description="delete the records of an earlier run with this seed")
    folder: Path = Field(description="of records, states and logs")

    @field_validator("only", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(name for name in given.replace(",", " ").split() if name) if isinstance(given, str) else given
