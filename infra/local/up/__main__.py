"""`python -m infra.local.up`, which `make up` calls. Exit code 0 when told to end, 1 when something is wrong."""

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
from infra.local.up.errors import CannotStartError
from infra.local.up.programs import INNER, House
from infra.local.up.running import run
from infra.local.up.settings import UpSettings
from infra.local.up.state import State, end_leftovers

_REPOSITORY = Path(__file__).resolve().parents[3]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    try:
        with ended_by_signals():
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
    state.prepare()
    with state.held():
        if count := end_leftovers(state):
            print(f"  ended {count} processes of an earlier start that was killed", flush=True)
        ports.require_free(settings.port)
        chosen = ports.choose(INNER, _earlier(state), taken=settings.port)
        state.note("ports", chosen)
        state.note("up", {"pid": os.getpid(), "port": settings.port})
        run(House(settings, state, chosen, dict(os.environ), _REPOSITORY))


def _earlier(state: State) -> dict[str, int]:
    noted = state.noted("ports")
    return noted if isinstance(noted, dict) else {}


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt; later ones are ignored, so that nothing stays half stopped."""
    for number in _ENDING:
        signal.signal(number, _end)
    yield


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
