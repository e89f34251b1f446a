"""Checks that hold for every problem response."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import ClientResponse


async def expect(answer: ClientResponse, status: int, slug: str) -> dict[str, Any]:
    """Check the properties that all problem responses share; return the problem details."""
    details: dict[str, Any] = await answer.json(content_type="application/problem+json")
    assert (answer.status, details["type"]) == (status, f"/problems/{slug}"), details
    assert details["status"] == status
    assert details["title"]
    assert details["detail"]
    assert details["instance"] == answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return details


async def soon(probe: Callable[[], object], deadline_s: float = 5) -> None:
    """Let the loop run until `probe` is true."""
    async with asyncio.timeout(deadline_s):
        while not probe():  # noqa: ASYNC110 - the probed state has no event
            await asyncio.sleep(0.01)
