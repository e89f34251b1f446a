"""Filters headers between a browser and a service, in both directions."""

import re
import secrets
from collections.abc import Mapping

from multidict import CIMultiDict, CIMultiDictProxy

_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
# Only a proxy or the Lambda Web Adapter may set these. From a browser they are removed, because they may be forged.
_SPOOFABLE = ("x-internal", "x-forwarded-", "forwarded", "x-real-ip", "x-amzn-request-context", "x-amzn-lambda-context")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,128}$")


def request_id(headers: Mapping[str, str]) -> str:
    """The caller's id if it is safe to log, else a new one."""
    given = headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.match(given) else f"req-{secrets.token_hex(12)}"


def to_service(headers: CIMultiDictProxy[str], peer: str, host: str) -> CIMultiDict[str]:
    """Headers for the service. Those that frame the body are not copied, because the client sets them again."""
    dropped = _HOP_BY_HOP | _named_by_connection(headers) | {"host", "content-length", "expect", "x-request-id"}
    kept = CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(_SPOOFABLE)
    )
    kept["X-Request-Id"] = request_id(headers)
    kept["X-Forwarded-For"] = peer
    kept["X-Forwarded-Proto"] = "http"
    kept["X-Forwarded-Host"] = host
    return kept


def to_browser(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Headers for the browser, without those that identify the server software of the service."""
    dropped = _HOP_BY_HOP | _named_by_connection(headers) | {"server", "date"}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _named_by_connection(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    named = ",".join(headers.getall("Connection", []))
    return frozenset(name.strip().lower() for name in named.split(",") if name.strip())
