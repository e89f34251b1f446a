"""All limits on what a caller may send."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

LIST_DEFAULT: Final = 50
LIST_MAX: Final = 200
IDEMPOTENCY_KEY_MAX: Final = 128  # characters
LAST_EVENT_ID_MAX: Final = 128  # characters
CURSOR_MAX: Final = 2 * KIB  # characters
TOKEN_MAX: Final = 8 * KIB  # characters of a bearer token
PATH_ID_MAX: Final = 128  # characters of one path parameter
PATH_MAX: Final = 2 * KIB  # characters, escaped
QUERY_MAX: Final = 8 * KIB  # characters, escaped
JSON_DEPTH_MAX: Final = 64  # arrays and objects within one another
FIELD_ERRORS_MAX: Final = 20  # of one 422 answer


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits that a service may change for itself, or for one of its processes."""

    body_bytes: int = MIB
    body_read_s: float = 30.0
    requests_per_s: float = 50.0  # per principal and process, in the long run; means nothing on Lambda
    burst: int = 200  # requests at once, per principal and process
    principals: int = 10_000  # counted at a time; the one unseen for longest is dropped
    request_line_bytes: int = 12 * KIB
    header_bytes: int = 16 * KIB  # one header field
    readiness_s: float = 2.0  # for each check
    readiness_cache_s: float = 1.0
    heartbeat_s: float = 15.0  # between two comments on a silent stream
    shutdown_s: float = 20.0  # for open requests, when the process stops
