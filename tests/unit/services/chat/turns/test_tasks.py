"""The tasks of a process: counted, waited for, cancelled, and their errors logged."""

import asyncio

from structlog.testing import capture_logs

from services.chat.turns.tasks import TurnTasks


async def test_only_running_tasks_count() -> None:
    tasks, end = TurnTasks(most=2), asyncio.Event()
    first = tasks.start(end.wait(), "first")
    assert tasks.free == 1
    tasks.start(end.wait(), "second")
    tasks.start(end.wait(), "one too many, as a title may be")
    assert tasks.free == 0
    end.set()
    await tasks.wait(5)
    assert (tasks.free, first.done()) == (2, True)


async def test_waiting_includes_tasks_that_start_meanwhile() -> None:
    tasks, done = TurnTasks(most=9), asyncio.Event()

    async def start_another() -> None:
        await asyncio.sleep(0)
        tasks.start(asyncio.sleep(0, done.set()), "another")

    tasks.start(start_another(), "first")
    await tasks.wait(5)
    assert (done.is_set(), tasks.free) == (True, 9)


async def test_waiting_ends_in_time() -> None:
    tasks = TurnTasks(most=1)
    task = tasks.start(asyncio.Event().wait(), "endless")
    await tasks.wait(0)
    assert not task.done()
    await tasks.cancel()
    assert (task.cancelled(), tasks.free) == (True, 1)


async def test_cancelling_includes_tasks_that_others_start_when_they_are_cancelled() -> None:
    tasks = TurnTasks(most=9)

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tasks.start(asyncio.Event().wait(), "left behind")

    tasks.start(stubborn(), "stubborn")
    await asyncio.sleep(0)
    await tasks.cancel()
    assert tasks.free == 9


async def test_an_error_is_logged_with_the_tasks_name() -> None:
    tasks = TurnTasks(most=1)

    async def fail() -> None:
        raise RuntimeError("a bug")

    with capture_logs() as logs:
        tasks.start(fail(), "turn_1")
        await tasks.wait(5)
        await asyncio.sleep(0)
    (entry,) = logs
    assert (entry["event"], entry["task"]) == ("turn.crashed", "turn_1")
