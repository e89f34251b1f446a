"""Waiting inside an event loop: poll with a deadline while other tasks go on."""

import asyncio
from collections.abc import Callable


async def soon(probe: Callable[[], object], deadline_s: float = 5) -> None:
    """Return when `probe` is truthy; TimeoutError when it is not by the deadline."""
    async with asyncio.timeout(deadline_s):
        while not probe():  # noqa: ASYNC110 - what is probed knows no events
            await asyncio.sleep(0.001)
