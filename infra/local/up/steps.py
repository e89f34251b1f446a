"""One line per step of the start, with the seconds that it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """The line is written when the step has ended; a failed step is told by its error."""
    started = time.monotonic()
    yield
    print(f"  {title:<44} {time.monotonic() - started:5.1f} s", flush=True)
