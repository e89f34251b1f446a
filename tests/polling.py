"""Poll with a deadline instead of sleeping."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

T = TypeVar("T")


def eventually(probe: Callable[[], T], deadline_s: float = 10) -> T:
    """Return the first truthy result of `probe`, or its last result at the deadline, for the assertion to show."""
    waiting = Retrying(
        retry=retry_if_result(lambda answer: not answer),
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(0.05),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    answer: T = waiting(probe)
    return answer


async def until_true(probe: Callable[[], object], deadline_s: float = 5) -> None:
    """Return when `probe` is truthy; TimeoutError when it is not by the deadline."""
    async with asyncio.timeout(deadline_s):
        while not probe():  # noqa: ASYNC110 - the probed state has no event
            await asyncio.sleep(0.001)
