"""Work that ends with the order to stop."""

import asyncio

import pytest

from shared.unless_stopped import unless_stopped


async def test_work_that_ends_first_gives_its_result() -> None:
    assert await unless_stopped(asyncio.Event(), asyncio.sleep(0, "done")) == "done"


async def test_work_that_does_not_end_is_cancelled_by_the_order_to_stop() -> None:
    stop = asyncio.Event()
    seen: list[str] = []

    async def forever() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            seen.append("cleaned up")

    assert await unless_stopped(stop, forever()) is None
    assert seen == ["cleaned up"]


async def test_an_error_of_the_work_comes_out() -> None:
    async def broken() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await unless_stopped(asyncio.Event(), broken())


async def test_who_waits_can_be_cancelled_and_leaves_no_task_behind() -> None:
    waiting = asyncio.create_task(unless_stopped(asyncio.Event(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}
