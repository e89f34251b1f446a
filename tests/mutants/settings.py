"""Settings of a run: `make mutants ONLY=relay,ledger CHILDREN=2 AGAIN=1`."""

from pathlib import Path

from pydantic import Field

from tests.trials.settings import TrialSettings


class MutantSettings(TrialSettings):
    folder: Path = Field(default=Path("build/mutants"), description="of copies, results and survivors")
    children: int = Field(default=2, ge=1, description="mutants that are tested concurrently")
