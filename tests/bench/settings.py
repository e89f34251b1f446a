"""What the person at the terminal may choose: `make bench ONLY=first_token PAIRS=50`."""

from pathlib import Path

from pydantic import Field

from tests.trials.settings import TrialSettings


class BenchSettings(TrialSettings):
    """The defaults are the figures of a whole run."""

    folder: Path = Field(default=Path("build/bench"), description="of records, states and logs")

    pairs: int = Field(default=300, ge=10, description="of one answer by chat and one by the bare relay")
    rounds: int = Field(default=3, ge=1, description="of each load, chat's and the relay's in turn")
    events: int = Field(default=300, ge=20, description="committed and heard")
    starts: int = Field(default=7, ge=3, description="of each service's imports")
