"""`python -m tests.chaos`: runs the cases that are not done yet under this seed, then prints all results."""

import sys

from tests.chaos.settings import ChaosSettings
from tests.chaos.table import CASES
from tests.trials.runner import run_cases

if __name__ == "__main__":
    sys.exit(run_cases("chaos", CASES, ChaosSettings()))
