"""What the person at the terminal may choose: `make chaos SEED=7 ONLY=kills,ledger KILLS=20`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class ChaosSettings(BaseSettings):
    """Plain names without a prefix: these are the variables of the Makefile. The defaults are the issue's figures."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    seed: int = 4
    only: Annotated[tuple[str, ...], NoDecode] = ()
    again: bool = Field(default=False, description="forget what an earlier run of this seed has recorded")
    folder: Path = Field(default=Path("build/chaos"), description="of records, states and logs")

    kills: int = Field(default=100, ge=1)
    streams: int = Field(default=5, ge=1, description="under way at each kill")
    lanes: int = Field(default=4, ge=1, description="processes that are killed side by side, each on its own schedule")
    terminations: int = Field(default=2, ge=1, description="SIGTERMs, each during 50 streams")
    pauses: int = Field(default=20, ge=1, description="processes paused in mid-stream")
    paused_at_once: int = Field(default=5, ge=1)
    pause_s: float = Field(default=60, gt=0)
    bus_down_s: float = Field(default=300, gt=0)
    tabs_s: float = Field(default=60, gt=0)
    messages: int = Field(default=1000, ge=50, description="among which the poison is")

    @field_validator("only", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(name for name in given.replace(",", " ").split() if name) if isinstance(given, str) else given
