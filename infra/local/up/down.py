"""`python -m infra.local.up.down [--forget]` ends the running system. `--forget` also deletes its state."""

import argparse
import os
import shutil
import signal
import sys
import time
from contextlib import suppress

from infra.local.up.errors import CannotStartError
from infra.local.up.settings import UpSettings
from infra.local.up.state import State, end_leftovers

_STOP_SECONDS = 60
_POLL_SECONDS = 0.1


def down(state: State) -> bool:
    """End the running system. Returns whether anything ran. Raises CannotStartError if it still runs after a minute."""
    if not state.is_ours():
        return False
    ran = state.is_locked()
    deadline = time.monotonic() + _STOP_SECONDS
    if ran:
        _send_sigterm(state)
    while state.is_locked():
        if time.monotonic() > deadline:
            raise CannotStartError(f"it did not end within {_STOP_SECONDS} s; see {state.logs}")
        time.sleep(_POLL_SECONDS)
    return end_leftovers(state) > 0 or ran


def forget(state: State) -> None:
    """Delete the state folder. Raises CannotStartError if `make up` did not create it."""
    if state.folder.exists():
        if not state.is_ours():
            raise CannotStartError(f"{state.folder} was not created by `make up`; nothing was deleted")
        with state.lock():
            shutil.rmtree(state.folder)


def _send_sigterm(state: State) -> None:
    # While the folder is locked, the process that wrote the note is alive, so its id belongs to no other process.
    noted = state.read_note("up")
    if isinstance(noted, dict):
        with suppress(ProcessLookupError):
            os.kill(int(noted["pid"]), signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.up.down")
    parser.add_argument("--forget", action="store_true", help="delete everything that the system keeps")
    given = parser.parse_args()
    state = State(UpSettings(bedrock="local").state)
    try:
        print("stopped" if down(state) else "nothing was running")
        if given.forget:
            forget(state)
            print(f"deleted {state.folder}")
    except (CannotStartError, OSError) as error:
        print(f"make down: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
