"""The tasks of this process that run turns and generate titles."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

_log: Final = structlog.get_logger()
T = TypeVar("T")


class TurnTasks:
    """Keeps each task until it ends, and logs the error with which it ends. `most`: how many may run at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    @property
    def free(self) -> int:
        """How many more may run."""
        return max(0, self._most - len(self._tasks))

    async def wait(self, seconds: float) -> None:
        """Wait until no task is left, also of those that start meanwhile, but at most `seconds`."""
        now = asyncio.get_running_loop().time
        ends_at = now() + seconds
        while self._tasks:
            await asyncio.wait(set(self._tasks), timeout=max(0, ends_at - now()))
            if now() >= ends_at:
                return

    async def cancel(self) -> None:
        """Cancel all tasks and wait for their end."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("turn.crashed", task=task.get_name(), exc_info=error)
