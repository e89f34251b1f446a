"""The security headers of every response, read from a file. A test compares the CDN's headers with the same file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from multidict import CIMultiDict


def security_headers(path: Path, *, https: bool = False, connect_to: Sequence[str] = ()) -> CIMultiDict[str]:
    """Header name → value. `connect_to`: other origins that the page may connect to.

    Raises `KeyError` or `ValueError` if the file has another structure.
    """
    edge: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    headers = CIMultiDict[str](edge["headers"])
    if https:
        headers.update(edge["https_only_headers"])
    policy: dict[str, list[str]] = edge["content_security_policy"]
    policy["connect-src"].extend(connect_to)
    headers["Content-Security-Policy"] = "; ".join(f"{rule} {' '.join(sources)}" for rule, sources in policy.items())
    return headers


def add_security_headers(app: web.Application, path: Path, connect_to: Sequence[str] = ()) -> None:
    """Add the headers to every response of the application. A header that a service has set stays as it is."""
    headers = security_headers(path, connect_to=connect_to)

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "colloquy"

    app.on_response_prepare.append(add)
