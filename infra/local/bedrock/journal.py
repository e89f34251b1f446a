"""What was served: the tests' provider bill. Never a word of a prompt or an answer."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, TextIO

from shared.clock import Clock

KEPT = 20_000


@dataclass
class Served:
    """One request. Times are seconds since 1970. `closed_at`: when an early end of the connection was seen.

    `outcome`: completed | client_closed | server_stopped | fault:<name> | refused:<exception> | None while it runs.
    """

    request_id: str
    model: str
    operation: str
    started_at: float
    metadata: dict[str, str] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    usage: dict[str, int] | None = None
    first_token_at: float | None = None
    ended_at: float | None = None
    closed_at: float | None = None
    outcome: str | None = None
    revision: int = 0


class Journal:
    """The newest 20,000 requests in memory; with a file, each also as a JSON line when it starts and when it ends."""

    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock = clock
        self._served: dict[str, Served] = {}
        self._revision = 0
        self._file: TextIO | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = file.open("a+", encoding="utf-8")

    def now(self) -> float:
        return self._clock.now().timestamp()

    def begin(self, model: str, operation: str) -> Served:
        return Served(secrets.token_hex(16), model, operation, started_at=self.now())

    def record(self, served: Served) -> None:
        """Once it is known who asks, and once more at the end; the last line of a request id counts."""
        self._revision += 1
        served.revision = self._revision
        self._served.pop(served.request_id, None)
        self._served[served.request_id] = served
        if len(self._served) > KEPT:
            del self._served[next(iter(self._served))]
        if self._file is not None:
            self._file.write(json.dumps(asdict(served)) + "\n")
            self._file.flush()

    def end(self, served: Served, outcome: str) -> None:
        """The first outcome stays: a fault is not the client's doing."""
        served.outcome = served.outcome or outcome
        served.ended_at = self.now()
        self.record(served)

    def since(self, revision: int) -> dict[str, Any]:
        """Entries changed after that revision, oldest change first, and the revision to ask from next."""
        newest = takewhile(lambda served: served.revision > revision, self._newest_first())
        return {"entries": [asdict(served) for served in newest][::-1], "revision": self._revision}

    def _newest_first(self) -> Iterator[Served]:
        return reversed(self._served.values())

    def clear(self) -> None:
        self._served.clear()
        if self._file is not None:
            self._file.truncate(0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
