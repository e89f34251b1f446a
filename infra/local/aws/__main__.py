"""Run with `.venv-aws/bin/python -m infra.local.aws --port 4599 --state .state/aws`."""

import argparse
import sys
from pathlib import Path

from infra.local.aws.launcher import LauncherOptions, RefusedToStartError, StateNotKeptError, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra.local.aws", description="The embedded AWS, on loopback only.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder of the state")
    parser.add_argument("--snapshot-seconds", type=float, default=1.5, help="interval between two snapshots")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    parser.add_argument("--functions", help="URL of the function host; without it, functions run in ministack")
    given = parser.parse_args()
    try:
        run(
            LauncherOptions(given.port, given.state.resolve(), given.snapshot_seconds, given.log_level, given.functions)
        )
    except (RefusedToStartError, StateNotKeptError) as refusal:
        print(f"embedded AWS: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
