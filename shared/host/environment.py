"""One of Lambda's environments: a place that is started once, frozen between invocations, and ended without a word.

A handler is synchronous, the house is not: every invocation runs on the environment's one event loop, on which what
the first of them opened is kept. Nothing is opened, read or connected when a module of handlers is imported.
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
    """`open_room` wires what the function needs; it is open from the first invocation to `close`."""

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
        """One invocation. What failed to open is opened anew by the next one."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._invoke(work, context.aws_request_id), context=copy_context())

    def close(self) -> None:
        """Lambda never calls this; whoever holds an environment in his own process does."""
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
    """Until the invocation has to have answered: a little before Lambda ends it."""
    return max(0.0, context.get_remaining_time_in_millis() / 1000 - _ANSWER_MARGIN_S)
