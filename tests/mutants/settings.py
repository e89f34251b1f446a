"""What the person at the terminal may choose: `make mutants ONLY=relay,ledger CHILDREN=2 AGAIN=1`."""

from pathlib import Path

from pydantic import Field

from tests.trials.settings import TrialSettings


class MutantSettings(TrialSettings):
    folder: Path = Field(default=Path("build/mutants"), description="of copies, verdicts and survivors")
    children: int = Field(default=2, ge=1, description="mutants that are tested side by side")
