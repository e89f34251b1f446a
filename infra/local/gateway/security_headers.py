"""The security headers of every answer, read from the file that the CDN's policy is made from too."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from multidict import CIMultiDict


def security_headers(path: Path, *, https: bool = False, connect_to: Sequence[str] = ()) -> CIMultiDict[str]:
    """Header name → value. `connect_to`: origins beside its own that the page may speak to.

    Raises `KeyError` or `ValueError` for a file that is not of the known shape.
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
    """Adds the headers to everything the application answers; a service's own stricter value stays."""
    headers = security_headers(path, connect_to=connect_to)

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "colloquy"

    app.on_response_prepare.append(add)
