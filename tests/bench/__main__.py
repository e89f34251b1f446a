"""`python -m tests.bench`: measures what is not measured yet under this seed, then prints all results."""

import sys

from tests.bench.settings import BenchSettings
from tests.bench.table import CASES
from tests.trials.playing import play

if __name__ == "__main__":
    sys.exit(play("bench", CASES, BenchSettings()))
