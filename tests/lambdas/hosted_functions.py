"""A system of packaged functions: HTTP behind the real web adapter, consumers on AWS's own runtime."""

import asyncio
import gc
import json
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from infra.local.lambdas.function import HostedFunction, handler_plan, http_plan, unpack
from infra.local.lambdas.rest_api import ApiRoute, RestApi
from infra.local.lambdas.tools import adapter, runtime_client
from infra.packaging.build import PLACE
from tests.fakes.lambda_service import FakeContext
from tests.system import SECRETS, System

T = TypeVar("T")


@dataclass
class Loop:
    """An event loop in a thread of its own, in which the functions run, so that tests can block."""

    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(90)

    def close(self) -> None:
        self.run(_cancel_all_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        gc.collect()  # warnings about unclosed resources appear here and not later


async def _cancel_all_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(10):  # closed transports need some rounds of the loop
        await asyncio.sleep(0)


@dataclass
class HttpFunction:
    """A function behind a local API Gateway."""

    url: str
    function: HostedFunction

    def kill_busy_environment(self) -> None:
        """Kill the service's process of the environment that is answering a request."""
        (environment,) = [each for each in self.function.environments if each.busy]
        environment.kill()


@dataclass
class Consumer:
    """A function that is called as Lambda calls it."""

    function: HostedFunction
    loop: Loop

    def __call__(self, event: Any, context: FakeContext) -> Any:
        seconds = context.get_remaining_time_in_millis() / 1000
        return json.loads(self.loop.run(self.function.call(json.dumps(event, default=str).encode(), timeout_s=seconds)))


@dataclass
class HostedFunctions:
    system: System
    folder: Path
    loop: Loop = field(default_factory=Loop)
    _open: list[Coroutine[Any, Any, None]] = field(default_factory=list)

    def http(self, service: str, mode: str = "buffered", timeout_s: float = 60, **settings: str) -> HttpFunction:
        variables = {
            **self._variables(service, settings),
            "AWS_LWA_INVOKE_MODE": mode,
            "AWS_LWA_READINESS_CHECK_PATH": f"/api/{service}/health",
            "COLLOQUY_ANSWERS_INVOCATIONS": "true",
            "COLLOQUY_DRAIN_S": "0",
        }
        task = self._task(service, "http")
        function = HostedFunction(http_plan(f"{service}-http", task, adapter(), variables, timeout_s), self.folder)
        return HttpFunction(self.loop.run(self._serve(function)), function)

    def consumer(self, service: str, name: str, timeout_s: float = 60, **settings: str) -> Consumer:
        """`name`: the handler, and its package; `sweep` is in the package of the relay."""
        package = "relay" if name == "sweep" else name
        module = "lambda_relay" if package == "relay" else "lambda_handlers"
        plan = handler_plan(
            self._task(service, package),
            runtime_client(),
            f"services.{service}.{module}.{name}",
            self._variables(service, settings),
            timeout_s,
        )
        function = HostedFunction(plan, self.folder)
        self._open.append(function.close())
        return Consumer(function, self.loop)

    def close(self) -> None:
        for closing in self._open:
            self.loop.run(closing)
        self.loop.close()

    def _variables(self, service: str, settings: Mapping[str, str]) -> dict[str, str]:
        models = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.system.models.url} if self.system.models else {}
        more = {f"COLLOQUY_{name.upper()}": value for name, value in {**self.system.settings, **settings}.items()}
        own = {name: value for name, value in self.system.stack.environment(service).items() if name != "PATH"}
        return {**own, **SECRETS, **models, **more}

    def _task(self, service: str, package: str) -> Path:
        folder = self.folder / f"{service}-{package}"
        return folder if folder.is_dir() else unpack(PLACE / f"{service}-{package}.zip", folder)

    async def _serve(self, function: HostedFunction) -> str:
        api = RestApi([ApiRoute("ANY", path, function) for path in ("/{proxy+}", "/")])
        runner = web.AppRunner(api.app(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._open += [runner.cleanup(), function.close()]
        return f"http://127.0.0.1:{runner.addresses[0][1]}"


@contextmanager
def hosted_functions(system: System, folder: Path) -> Iterator[HostedFunctions]:
    hosted = HostedFunctions(system, folder)
    try:
        yield hosted
    finally:
        hosted.close()
