"""`python -m tests.bench`: measures what is not measured yet under this seed, then prints all results."""

import sys

from tests.bench.settings import BenchSettings
from tests.bench.table import CASES
from tests.trials.runner import run_cases

if __name__ == "__main__":
    sys.exit(run_cases("bench", CASES, BenchSettings()))
