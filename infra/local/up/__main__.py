"""`python -m infra.local.up`, which `make up` calls. The exit code is 0 after a signal and 1 after an error."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pydantic import ValidationError

from infra.local.up import ports
from infra.local.up.bedrock import credentials as bedrock_credentials
from infra.local.up.errors import CannotStartError
from infra.local.up.lifecycle import run
from infra.local.up.programs import INNER, SystemPrograms
from infra.local.up.settings import UpSettings
from infra.local.up.state import State, end_leftovers

_REPOSITORY = Path(__file__).resolve().parents[3]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    try:
        with raise_on_signals():
            _up(UpSettings())
    except KeyboardInterrupt:
        return 0
    except (CannotStartError, OSError) as error:
        print(f"make up: {error}", file=sys.stderr)
    except ValidationError as error:
        for wrong in error.errors():
            name = "".join(str(part).upper() + ": " for part in wrong["loc"])
            print(f"make up: {name}{wrong['msg'].removeprefix('Value error, ')}", file=sys.stderr)
    return 1


def _up(settings: UpSettings) -> None:
    state = State(settings.state)
    credentials = bedrock_credentials.choose(settings, os.environ, state)
    state.prepare()
    with state.lock():
        if count := end_leftovers(state):
            print(f"  ended {count} processes of an earlier start that was killed", flush=True)
        ports.require_free(settings.port)
        chosen = ports.choose(INNER, _earlier_ports(state), taken=settings.port)
        state.write_note("ports", chosen)
        state.write_note("up", {"pid": os.getpid(), "port": settings.port})
        with bedrock_credentials.stored(credentials, state):
            run(SystemPrograms(settings, state, chosen, dict(os.environ), _REPOSITORY, credentials))


def _earlier_ports(state: State) -> dict[str, int]:
    noted = state.read_note("ports")
    return noted if isinstance(noted, dict) else {}


@contextmanager
def raise_on_signals() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt; later ones are ignored, so that the shutdown is not interrupted."""
    for number in _ENDING:
        signal.signal(number, _end)
    yield


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
