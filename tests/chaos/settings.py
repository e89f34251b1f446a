"""What the person at the terminal may choose: `make chaos SEED=7 ONLY=kills,ledger KILLS=20`."""

from pathlib import Path

from pydantic import Field

from tests.trials.settings import TrialSettings


class ChaosSettings(TrialSettings):
    """The defaults are the figures of a whole run."""

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
