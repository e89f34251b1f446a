"""Settings of a run: `make bench ONLY=first_token PAIRS=50`."""

from pathlib import Path

from pydantic import Field

from tests.trials.settings import TrialSettings


class BenchSettings(TrialSettings):
    """The defaults are those of a full run."""

    folder: Path = Field(default=Path("build/bench"), description="of records, states and logs")

    pairs: int = Field(default=300, ge=10, description="of one answer from chat and one from the bare relay")
    rounds: int = Field(default=3, ge=1, description="of each load, with chat and with the relay")
    events: int = Field(default=300, ge=20, description="committed and consumed")
    starts: int = Field(default=7, ge=3, description="of each service's imports")
