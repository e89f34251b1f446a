"""The log of served requests. From it tests compute what a provider would have billed. It holds no prompt or answer."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any

from infra.local.bedrock.request_log_file import RequestLogFile
from shared.clock import Clock

MAX_ENTRIES = 20_000


@dataclass
class LoggedRequest:
    """One request. Times are seconds since 1970. `closed_at`: the time when the client was found to have disconnected.

    `outcome`: completed | client_closed | server_stopped | server_died | fault:<name> |
    refused:<exception> | failed:<exception> | None while it runs.
    """

    request_id: str
    model: str
    operation: str
    started_at: float
    metadata: dict[str, str] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    usage: dict[str, Any] | None = None
    tier: str = "default"
    first_token_at: float | None = None
    ended_at: float | None = None
    closed_at: float | None = None
    outcome: str | None = None
    revision: int = 0


class RequestLog:
    """The newest 20,000 requests. With a file, the next process reads them again; then open ones get `server_died`."""

    def __init__(self, clock: Clock, file: RequestLogFile | None = None) -> None:
        self._clock = clock
        self._file = file
        self._entries: dict[str, LoggedRequest] = {}
        self._revision = 0
        if file is not None:
            self._load(file)

    def _load(self, file: RequestLogFile) -> None:
        for revision, entry in enumerate(file.read()[-MAX_ENTRIES:], start=1):
            served = LoggedRequest(**{**entry, "revision": revision, "outcome": entry["outcome"] or "server_died"})
            self._entries[served.request_id] = served
            self._revision = revision
        file.replace([asdict(served) for served in self._entries.values()])

    def now(self) -> float:
        return self._clock.now().timestamp()

    def begin(self, model: str, operation: str) -> LoggedRequest:
        return LoggedRequest(secrets.token_hex(16), model, operation, started_at=self.now())

    def record(self, served: LoggedRequest) -> None:
        """Call it once the request's metadata are known, and again at the end. The last line of a request id counts."""
        self._revision += 1
        served.revision = self._revision
        self._entries.pop(served.request_id, None)
        self._entries[served.request_id] = served
        if len(self._entries) > MAX_ENTRIES:
            del self._entries[next(iter(self._entries))]
        if self._file is not None:
            self._file.append(asdict(served))

    def end(self, served: LoggedRequest, outcome: str) -> None:
        """End the request. An outcome that is already set stays: a fault must not be reported as `client_closed`."""
        served.outcome = served.outcome or outcome
        served.ended_at = self.now()
        self.record(served)

    def since(self, revision: int) -> dict[str, Any]:
        """Entries changed after `revision`, oldest change first, and the revision to pass next time."""
        newest = takewhile(lambda served: served.revision > revision, self._newest_first())
        return {"entries": [asdict(served) for served in newest][::-1], "revision": self._revision}

    def _newest_first(self) -> Iterator[LoggedRequest]:
        return reversed(self._entries.values())

    def clear(self) -> None:
        self._entries.clear()
        if self._file is not None:
            self._file.replace([])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
