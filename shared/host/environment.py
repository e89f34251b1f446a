"""An execution environment of Lambda: started once, frozen between invocations, and ended without notice.

Lambda calls handlers synchronously, but the services are asynchronous: all invocations of an environment run on one
event loop, and the clients that the first one opens stay open on it. Importing a module of handlers opens, reads and
connects nothing.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from structlog.contextvars import bound_contextvars

from shared.settings import ServiceSettings
from shared.telemetry import configure_logging
from shared.telemetry.export import export_spans

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

S = TypeVar("S", bound=ServiceSettings)
R = TypeVar("R")
T = TypeVar("T")

_ANSWER_MARGIN_S: Final = 2.0


class Environment(Generic[S, R]):
    """`open_resources` opens what the function needs; it stays open from the first invocation to `close`."""

    def __init__(
        self,
        service: str,
        read_settings: Callable[[], S],
        open_resources: Callable[[S], AbstractAsyncContextManager[R]],
    ) -> None:
        self._service = service
        self._read_settings = read_settings
        self._open_resources = open_resources
        self._runner: asyncio.Runner | None = None
        self._stack: AsyncExitStack | None = None
        self._resources: R | None = None

    def run(self, work: Callable[[R], Coroutine[Any, Any, T]], context: "LambdaContext") -> T:
        """Run one invocation. When opening fails, the next invocation tries again."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._invoke(work, context.aws_request_id), context=copy_context())

    def close(self) -> None:
        """Close the resources and the loop. Lambda never calls this; tests do, and other hosts of a function."""
        if self._runner is not None:
            if self._stack is not None:
                self._runner.run(self._stack.aclose())
            self._runner.close()
        self._runner = self._stack = self._resources = None

    async def _invoke(self, work: Callable[[R], Coroutine[Any, Any, T]], request_id: str) -> T:
        with bound_contextvars(request_id=request_id):
            if self._resources is None:
                self._resources = await self._open()
            return await work(self._resources)

    async def _open(self) -> R:
        random.seed()  # Lambda may have restored many environments from one snapshot
        settings = self._read_settings()
        configure_logging(self._service, settings.log_level)
        async with AsyncExitStack() as stack:
            stack.enter_context(export_spans(self._service, settings.otlp_endpoint, settings.environment))
            resources = await stack.enter_async_context(self._open_resources(settings))
            self._stack = stack.pop_all()
        return resources


def seconds_left(context: "LambdaContext") -> float:
    """Seconds until the invocation must have answered: 2 s before Lambda ends it, and never negative."""
    return max(0.0, context.get_remaining_time_in_millis() / 1000 - _ANSWER_MARGIN_S)
