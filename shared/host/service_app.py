"""What a service declares once for both hosts: its routes, its queues and its background tasks.

`services/<name>/app.py: build(runtime, settings) -> ServiceApp` is the only place that wires a service. The process
host (`process.py`) serves the routes and polls the queues; a Lambda function (`lambda_consumer.py`) consumes one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

import structlog

from shared.aws.readiness import Check
from shared.events.consumer.messages import QueueMessage
from shared.host.runtime import Runtime
from shared.http import Route
from shared.settings import ServiceSettings

_log: Final = structlog.get_logger()
S = TypeVar("S", bound=ServiceSettings)
MessageHandler = Callable[[QueueMessage], Awaitable[None]]
BackgroundTask = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set, then returns within seconds."""


def _unbounded() -> int:
    return 10  # the most that one receive brings


async def _nothing() -> None:
    return


async def _nothing_to_finish(_seconds: float) -> None:
    return


@dataclass(frozen=True, kw_only=True)
class ConsumedQueue:
    """A queue and its handler. `name` is the role that polls it and the prefix of its settings and resources.

    * `concurrency`: how many messages are handled at a time.
    * `visibility_s`: how soon another process gets the messages of one that died.
    * `grace_s`: how long handlers may run on after the process was told to stop.
    * `capacity`: how many more messages this process may take now.
    * `settles_on_lambda`: on Lambda the consumer itself hides and deletes its messages, because work that a handler
      starts goes on after the message is handled.
    * `finish_or_hand_over`: awaited at the end of each Lambda invocation with the seconds that are left, for this work.
    """

    name: str
    url: str
    dead_letter_url: str
    handle: MessageHandler
    concurrency: int = 10
    visibility_s: int = 30
    grace_s: float = 20.0
    capacity: Callable[[], int] = _unbounded
    settles_on_lambda: bool = False
    finish_or_hand_over: Callable[[float], Awaitable[None]] = _nothing_to_finish

    @classmethod
    def of(cls, settings: ServiceSettings, name: str, handle: MessageHandler, **options: Any) -> Self:
        """The queue with the addresses in the settings `<name>_queue_url` and `<name>_dead_letter_queue_url`."""
        url: str = getattr(settings, f"{name}_queue_url")
        dead_letter_url: str = getattr(settings, f"{name}_dead_letter_queue_url")
        return cls(name=name, url=url, dead_letter_url=dead_letter_url, handle=handle, **options)


@dataclass(frozen=True, kw_only=True)
class ServiceApp:
    """A wired service.

    * `context`: the `request.context` of each route.
    * `checks`: what readiness checks besides the table and the queues.
    * `background`: tasks that run in every process and in every Lambda consumer.
    * `drain`: awaited before the process ends, so that running work can finish.
    """

    routes: Sequence[Route]
    context: object
    queues: Sequence[ConsumedQueue] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    background: Sequence[BackgroundTask] = ()
    drain: Callable[[], Awaitable[None]] = _nothing

    def queue(self, name: str) -> ConsumedQueue:
        """The queue of this name. Raises LookupError."""
        for queue in self.queues:
            if queue.name == name:
                return queue
        raise LookupError(f"the service consumes no queue {name}; it consumes {[each.name for each in self.queues]}")


Build = Callable[[Runtime, S], Awaitable[ServiceApp]]
"""Wires a service."""


@asynccontextmanager
async def run_background(tasks: Sequence[BackgroundTask]) -> AsyncIterator[None]:
    """Run the tasks while the block runs, then stop them and wait for their end. A failure is logged.

    It is no TaskGroup, because on Lambda the block is entered in the task of one invocation and left in another's.
    """
    stop = asyncio.Event()
    running = [asyncio.ensure_future(task(stop)) for task in tasks]
    for each in running:
        each.add_done_callback(_log_failure)
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running, return_exceptions=True)


def _log_failure(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("background_task.failed", exc_info=error)
